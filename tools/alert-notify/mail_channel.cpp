// Mails, over one connection.
#include <fmt/format.h>

#include "channel.hpp"
#include "net/host.hpp"
#include "net/html.hpp"
#include "net/smtp/client.hpp"
#include "net/smtp/message.hpp"

namespace weir::alert_notify {
namespace {

std::vector<smtp::Mailbox> mailboxes_of(const ChannelSpec& spec, const std::vector<std::string>& texts) {
  std::vector<smtp::Mailbox> made;
  for (const std::string& text : texts) {
    try {
      made.push_back(smtp::parse_mailbox(text));
    } catch (const std::invalid_argument& problem) {
      spec.fail(fmt::format("'{}': {}", text, problem.what()));
    }
  }
  return made;
}

smtp::Server server_of(const ChannelSettings& settings) {
  const ChannelSpec& spec = settings.spec;
  smtp::Server server;
  server.host = spec.text("host").empty() ? "localhost" : spec.text("host");
  const auto port = spec.number("port");
  if (port && (*port < 1 || *port > 65535)) spec.fail("port is from 1 to 65535");
  server.user = spec.text("user");
  server.password = settings.secrets.password;
  if (!server.user.empty() && server.password.empty())
    spec.fail("user needs a password: SMTP_PASSWORD or password_file");
  server.ca_file = spec.text("cafile");
  server.timeout = spec.duration("timeout").value_or(std::chrono::seconds(60));
  if (server.timeout < std::chrono::seconds(1)) spec.fail("timeout is at least 1s");
  const bool plain = spec.flag("insecure") || (net::is_this_machine(server.host) && server.ca_file.empty());
  if (spec.flag("tls") && spec.flag("starttls")) spec.fail("tls and starttls exclude each other");
  if (spec.flag("starttls"))
    server.security = smtp::Security::starttls;
  else if (spec.flag("tls") || port == 465U)
    server.security = smtp::Security::implicit;
  else
    server.security = plain ? smtp::Security::none : smtp::Security::starttls;
  const int usual = server.security == smtp::Security::implicit   ? 465
                    : server.security == smtp::Security::starttls ? 587
                                                                  : 25;
  server.port = port ? static_cast<int>(*port) : usual;
  return server;
}

class MailChannel : public Channel {
 public:
  MailChannel(const ChannelSettings& settings, const Stop& stop)
      : to_(mailboxes_of(settings.spec, settings.spec.list("to"))),
        from_(mailboxes_of(settings.spec, {from_of(settings.spec)}).front()),
        fixed_now_(settings.now),
        client_(server_of(settings), [&stop] { return stop.asked(); }) {
    if (to_.empty()) settings.spec.fail("give to, an address");
    if (to_.size() > 1) settings.spec.fail("give one address as to; another person is another channel");
  }

  Sent send(const Message& message) override {
    smtp::Delivery delivery;
    try {
      delivery = client_.send(from_.address, to_[0].address, smtp::compose(mail_of(message)));
    } catch (const std::invalid_argument& problem) {
      return {Sent::Outcome::refused, problem.what(), {}, false};
    }
    using Outcome = Sent::Outcome;
    const std::string reason = brief_text(delivery.reason);
    switch (delivery.outcome) {
      case smtp::Outcome::accepted:
        return {Outcome::delivered, reason, {}, false};
      case smtp::Outcome::refused:
        return {Outcome::refused, reason, {}, false};
      case smtp::Outcome::busy:
        return {Outcome::later, reason, {}, false};
      case smtp::Outcome::unreachable:
        return {Outcome::uncertain, reason, {}, true};
      case smtp::Outcome::hopeless:
        return {Outcome::later, reason, {}, true};  // a person may help, and the alert waits for that
      case smtp::Outcome::stopped:
        break;
    }
    return {Outcome::stopped, reason, {}, false};
  }

 private:
  static std::string from_of(const ChannelSpec& spec) {
    return spec.text("from").empty() ? "alert-notify@localhost" : spec.text("from");
  }

  smtp::Message mail_of(const Message& message) const {
    smtp::Message mail;
    mail.from = from_;
    mail.to = to_[0];
    mail.subject = message.subject;
    mail.date = fixed_now_.value_or(wall_clock());
    mail.id = fmt::format("{}@{}", message.id, smtp::domain_of(from_.address));
    mail.headers.emplace_back("Auto-Submitted", "auto-generated");
    mail.headers.emplace_back("X-Weir-Alert", message.kind);
    const std::string foot = fmt::format("{} · {} · {}", message.id, message.kind, message.why);
    mail.text = message.text + "\n\n-- \n" + foot + "\n";
    std::string lines;
    for (const char c : escape_html(message.text)) c == '\n' ? lines += "<br>\n" : lines += c;
    const char* const colour = !message.firing ? "#1a7f37" : rank_of(message.level) >= 3 ? "#b00020" : "#b35900";
    mail.html = fmt::format(
        "<!doctype html>\n<html><body style=\"font-family:sans-serif\">\n<h2 style=\"color:{}\">{}</h2>\n<p>{}</p>\n"
        "<p style=\"color:#666\"><small>{}</small></p>\n</body></html>\n",
        colour, escape_html(message.subject), lines, escape_html(foot));
    return mail;
  }

  std::vector<smtp::Mailbox> to_;
  smtp::Mailbox from_;
  std::optional<Time> fixed_now_;
  smtp::Client client_;
};

}  // namespace

std::unique_ptr<Channel> make_mail(const ChannelSettings& settings, const Stop& stop) {
  return std::make_unique<MailChannel>(settings, stop);
}

}  // namespace weir::alert_notify
