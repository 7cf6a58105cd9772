// The options of the mail server; for main.cpp alone, as the stage knows no options.
#pragma once
#include <fmt/format.h>

#include <optional>
#include <string>

#include "cli/net_options.hpp"
#include "net/host.hpp"
#include "net/smtp/client.hpp"

namespace weir::summary_mail {

struct MailServerOptions {
  std::string host;
  std::optional<std::uint64_t> port;
  bool starttls = false;
  cli::NetOptions net;

  MailServerOptions() {
    net.retry_wait = std::chrono::seconds(2);
    net.timeout = std::chrono::seconds(60);
  }

  void define(cli::App& app) {
    app.group("Mail server");
    app.option("--host", host, "Name of the mail server").env("SMTP_HOST").metavar("HOST").may_change();
    app.option("--port", port, "The server's port")
        .env("SMTP_PORT")
        .metavar("PORT")
        .at_least(1)
        .at_most(65535)
        .default_text("465 with --tls, 587 with --starttls, 25 in plain text")
        .may_change();
    net.define_login(app, "SMTP_");
    net.define_tls(app, "server");
    app.flag("--starttls", starttls,
             "As --tls, on a connection that begins in plain text; the default to another machine, except port 465")
        .may_change();
    net.define_ca_file(app, "server");
    net.define_insecure(app, "plain text to another machine, and use it unless --tls or --starttls is given");
    net.define_retries(app, "mail", "2m");
  }

  void validate() const {
    if (host.empty()) throw cli::UsageError("--host or SMTP_HOST is required (or --dry-run)");
    for (const char c : host) {
      const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        std::string_view(".-_:[]").find(c) != std::string_view::npos;
      if (!fits) throw cli::UsageError(fmt::format("--host: '{}' is not the name or address of a server", host));
    }
    net.validate();
    if (net.tls && starttls) throw cli::UsageError("--tls and --starttls exclude each other");
    if (net.timeout < std::chrono::seconds(1)) throw cli::UsageError("--timeout: must be at least 1s");
  }

  smtp::Security security() const {
    if (starttls) return smtp::Security::starttls;
    if (net.tls || port == 465U) return smtp::Security::implicit;
    const bool plain = net.insecure || (net::is_this_machine(host) && net.ca_file.empty());
    return plain ? smtp::Security::none : smtp::Security::starttls;
  }

  int usual_port() const {
    switch (security()) {
      case smtp::Security::implicit:
        return 465;
      case smtp::Security::starttls:
        return 587;
      case smtp::Security::none:
        break;
    }
    return 25;
  }

  /// The mail server, with its password. Throws cli::UsageError when --user has no password.
  smtp::Server server(cli::Context& context) const {
    smtp::Server made{.host = host,
                      .port = port ? static_cast<int>(*port) : usual_port(),
                      .security = security(),
                      .user = net.user,
                      .password = net.password(context, "SMTP_").value_or(""),
                      .ca_file = net.ca_file,
                      .timeout = net.timeout};
    if (!net.user.empty() && made.password.empty())
      throw cli::UsageError("--user needs a password: SMTP_PASSWORD or --password-file");
    if (made.security == smtp::Security::none && !net::is_this_machine(host))
      context.log.warn(
          fmt::format("--insecure: mails{} go to {} in plain text", net.user.empty() ? "" : " and the password", host));
    return made;
  }
};

}  // namespace weir::summary_mail
