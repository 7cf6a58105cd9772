// Messages to phones by Twilio. It has no key against doubles: a message that may have arrived is looked up first.
#include "sms_channel.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "channel.hpp"
#include "net/http/url.hpp"
#include "record/object_list.hpp"

namespace weir::alert_notify {
namespace {

/// Of 200 messages each, the newest first.
constexpr int most_pages = 50;

class SmsChannel : public Channel {
 public:
  SmsChannel(const ChannelSettings& settings, const Stop& stop)
      : spec_(settings.spec),
        token_(settings.secrets.token),
        account_(spec_.text("account")),
        to_(spec_.list("to")),
        from_(spec_.text("from")),
        sender_(spec_.text("messaging_service")),
        base_(spec_.text("url").empty() ? "https://api.twilio.com" : spec_.text("url")),
        timeout_(spec_.duration("timeout").value_or(std::chrono::seconds(15))),
        stop_(stop),
        client_(client_of(spec_, http::Connections::one_each)) {
    check_url(spec_, base_);
    while (base_.ends_with('/')) base_.pop_back();
    if (account_.empty()) spec_.fail("give account, or TWILIO_ACCOUNT_SID");
    if (token_.empty()) spec_.fail("give token_file, or TWILIO_AUTH_TOKEN");
    if (from_.empty() == sender_.empty()) spec_.fail("give from (or TWILIO_FROM), or messaging_service");
    if (to_.size() != 1) spec_.fail("give one number as to; another person is another channel");
  }

  Sent send(const Message& message) override {
    if (message.may_have_arrived) {
      if (auto known = look_up(message)) return std::move(*known);
    }
    http::Request request =
        request_to(fmt::format("{}/2010-04-01/Accounts/{}/Messages.json", base_, http::encode(account_)));
    std::string form = fmt::format("To={}&Body={}", http::encode(to_[0]), http::encode(message.text));
    form += sender_.empty() ? "&From=" + http::encode(from_) : "&MessagingServiceSid=" + http::encode(sender_);
    request.body = std::move(form);
    request.headers.emplace_back("Content-Type: application/x-www-form-urlencoded");
    const auto response = ask(*client_, std::move(request), stop_);
    if (!response) return {Sent::Outcome::stopped};
    Sent sent = judge(*response, wall_clock());
    if (sent.outcome == Sent::Outcome::delivered && read_twilio_sid(response->body).empty())
      sent.outcome = Sent::Outcome::uncertain;
    return sent;
  }

 private:
  http::Request request_to(std::string url) const {
    http::Request request;
    request.url = std::move(url);
    request.timeout = std::chrono::ceil<std::chrono::milliseconds>(timeout_);
    request.login = http::Login{account_, token_};
    return request;
  }

  /// What is known of a message that may have arrived; nothing: it has not.
  std::optional<Sent> look_up(const Message& message) {
    std::string url = fmt::format("{}/2010-04-01/Accounts/{}/Messages.json?To={}&PageSize=200", base_,
                                  http::encode(account_), http::encode(to_[0]));
    for (int page = 0; page < most_pages; ++page) {
      const auto response = ask(*client_, request_to(url), stop_);
      if (!response) return Sent{Sent::Outcome::stopped};
      const Sent sent = judge(*response, wall_clock());
      const std::string answer = "looking it up: " + sent.answer;
      if (sent.outcome == Sent::Outcome::refused) return Sent{sent.outcome, answer, {}, false};
      if (sent.outcome != Sent::Outcome::delivered)
        return Sent{Sent::Outcome::uncertain, answer, sent.after, sent.concerns_all};
      const TwilioPage read = read_twilio_page(response->body, message.id);
      if (!read.is_list)
        return Sent{Sent::Outcome::uncertain, "looking it up: the answer is not a list of messages", {}, true};
      if (!read.found.empty()) return Sent{Sent::Outcome::delivered, "it had arrived, as " + read.found, {}, false};
      if (read.next.empty()) return std::nullopt;
      url = base_ + read.next;
    }
    return std::nullopt;
  }

  ChannelSpec spec_;
  std::string token_, account_;
  std::vector<std::string> to_;
  std::string from_, sender_, base_;
  Duration timeout_;
  const Stop& stop_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace

TwilioPage read_twilio_page(std::string_view answer, std::string_view id) {
  FieldSet fields;
  const FieldId messages = fields.add("messages");
  const FieldId next = fields.add("next_page_uri");
  FieldSet each_fields;
  const FieldId body = each_fields.add("body");
  const FieldId sid = each_fields.add("sid");
  const FieldId status = each_fields.add("status");
  RecordParser parser(fields);
  ObjectList list(each_fields);
  TwilioPage page;
  // A page may stand on several lines.
  std::string line(answer);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  const Record* const record = parser.parse_copy(line, 1);
  if (record == nullptr || (*record)[messages].kind != Kind::array) return page;
  page.is_list = true;
  if (const Value& path = (*record)[next]; path.kind == Kind::string && path.text.starts_with('/'))
    page.next = path.text;
  const std::string wanted = fmt::format("[{}]", id);
  page.is_list = list.each((*record)[messages].raw, [&](const Record* one) {
    if (one == nullptr) return true;
    const std::string_view state = (*one)[status].text;
    if (state == "failed" || state == "undelivered" || state == "canceled") return true;
    if ((*one)[body].text.find(wanted) == std::string_view::npos) return true;
    page.found = (*one)[sid].kind == Kind::string ? std::string((*one)[sid].text) : "a message";
    return false;
  });
  return page;
}

std::string read_twilio_sid(std::string_view answer) {
  FieldSet fields;
  const FieldId sid = fields.add("sid");
  RecordParser parser(fields);
  std::string line(answer);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  const Record* const record = parser.parse_copy(line, 1);
  return record != nullptr && (*record)[sid].kind == Kind::string ? std::string((*record)[sid].text) : std::string();
}

std::unique_ptr<Channel> make_sms(const ChannelSettings& settings, const Stop& stop) {
  return std::make_unique<SmsChannel>(settings, stop);
}

}  // namespace weir::alert_notify
