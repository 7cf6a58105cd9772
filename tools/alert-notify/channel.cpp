#include "channel.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "net/http/retry.hpp"
#include "net/http/url.hpp"
#include "record/json_text.hpp"

namespace weir::alert_notify {
namespace {

constexpr std::size_t longest_answer = 300;

/// The place of a URL before its query, for the check of its form.
std::string_view without_query(std::string_view url) { return url.substr(0, url.find('?')); }

/// Whether a URL has a user before its host.
bool has_user(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#")).find('@') != std::string_view::npos;
}

}  // namespace

std::string_view name_of(Sent::Outcome outcome) {
  constexpr std::array<std::string_view, 5> names{"delivered", "later", "uncertain", "refused", "stopped"};
  return names[static_cast<std::size_t>(outcome)];
}

Stop::Stop() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (event_.get() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Stop::ask() {
  asked_.store(true);
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
}

Pace pace_of(const ChannelSpec& spec) {
  Pace pace;
  // One message a second is what Slack's webhooks and a Twilio number take.
  if (spec.service == Service::slack || spec.service == Service::sms) pace.rate = 1;
  if (const auto given = spec.decimal("rate")) pace.rate = given;
  if (const auto given = spec.number("burst")) pace.burst = static_cast<double>(*given);
  if (pace.burst < 1) spec.fail("burst is at least 1");
  return pace;
}

std::unique_ptr<Channel> make_channel(const ChannelSettings& settings, const Stop& stop) {
  switch (settings.spec.service) {
    case Service::mail:
      return make_mail(settings, stop);
    case Service::sms:
      return make_sms(settings, stop);
    case Service::mqtt:
      return make_mqtt(settings, stop);
    case Service::program:
      return make_program(settings, stop);
    case Service::webhook:
    case Service::slack:
    case Service::pagerduty:
    case Service::alertmanager:
      break;
  }
  return make_http(settings, stop);
}

void check_url(const ChannelSpec& spec, const std::string& url) {
  const bool takes_user = spec.service == Service::webhook || spec.service == Service::alertmanager;
  if (has_user(url))
    spec.fail(takes_user ? "a user stands in the URL: give user=NAME and password_file=FILE instead"
                         : "a user stands in the URL, and the service takes none: leave it out");
  const std::string base(without_query(url));
  if (!http::is_base_url(base)) spec.fail("the URL is not one that begins with https:// or http://");
  if (http::is_plain_off_host(base) && !spec.flag("insecure"))
    spec.fail(
        "the URL is another machine's, and plain text is not safe on the way there: give https://, or insecure=true");
}

std::unique_ptr<http::Client> client_of(const ChannelSpec& spec, http::Connections connections) {
  http::ClientOptions options;
  options.max_connections = 1;
  options.connections = connections;
  options.user_agent = "weir-alert-notify";
  options.ca_file = spec.text("cafile");
  options.cert_file = spec.text("cert");
  options.key_file = spec.text("key");
  return std::make_unique<http::Client>(std::move(options));
}

std::optional<http::Response> ask(http::Client& client, http::Request request, const Stop& stop) {
  client.start(1, std::move(request));
  std::vector<http::Client::Finished> done;
  for (;;) {
    client.perform(done);
    if (!done.empty()) return std::move(done.front().response);
    if (stop.asked()) {
      client.give_up();
      return std::nullopt;
    }
    std::array<pollfd, 1> also{{{stop.fd(), POLLIN, 0}}};
    client.wait(also, std::chrono::seconds(1));
  }
}

std::string brief_text(std::string_view text) {
  std::string made = cut(is_utf8(text) ? text : std::string_view("(not UTF-8)"), longest_answer);
  for (char& c : made)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  while (!made.empty() && made.back() == ' ') made.pop_back();
  return made;
}

Sent judge(const http::Response& response, Time now) {
  using http::Failure;
  using Outcome = Sent::Outcome;
  const int status = response.status;
  switch (response.failure) {
    case Failure::resolve:
    case Failure::connect:
    case Failure::tls:
      return {Outcome::later, response.error, {}, true};
    case Failure::not_allowed:
      return {Outcome::refused, fmt::format("{}: {}", status, response.error), {}, false};
    case Failure::timeout:
    case Failure::broken:
    case Failure::other:
    case Failure::too_large:
      // The status alone tells what became of it, also where the rest of the answer was cut.
      if (status < 200 || status > 299)
        return {Outcome::uncertain, response.error, {}, response.failure == Failure::timeout};
      break;
    case Failure::none:
      break;
  }
  Sent sent;
  sent.answer = fmt::format("{}{}{}", status, response.body.empty() ? "" : ": ", brief_text(response.body));
  // A page of a proxy or a login, and not the service.
  const bool is_page =
      response.body.starts_with('<') || response.body.starts_with("\r\n<") || response.body.starts_with("\n<");
  if (status >= 200 && status <= 299) {
    sent.outcome = is_page ? Outcome::uncertain : Outcome::delivered;
  } else if (status == 408 || status == 425 || status == 429 || status == 503) {
    sent.outcome = Outcome::later;
    sent.concerns_all = status == 429 || status == 503;
  } else if (status >= 500) {
    sent.outcome = Outcome::uncertain;
  } else {
    sent.outcome = Outcome::refused;
  }
  if (sent.outcome == Outcome::later || sent.outcome == Outcome::uncertain)
    if (const auto header = response.header("retry-after")) sent.after = http::parse_retry_after(*header, now);
  return sent;
}

Time wall_clock() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

}  // namespace weir::alert_notify
