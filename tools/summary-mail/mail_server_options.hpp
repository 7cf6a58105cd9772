// The options that say where mail is handed in; for main.cpp alone, as the stage knows no options.
#pragma once
#include <fmt/format.h>

#include <string>

#include "cli/app.hpp"
#include "net/host.hpp"
#include "net/smtp/client.hpp"

namespace weir::summary_mail {

struct MailServerOptions {
  enum class Tls : std::uint8_t { by_server, starttls, implicit, none };

  std::string host, user, password_file, ca_file;
  int port = 0;  ///< 0: the usual one
  Tls tls = Tls::by_server;
  bool insecure = false;
  int retries = 4;
  Duration retry_wait = std::chrono::seconds(2);
  Duration timeout = std::chrono::seconds(60);

  void define(cli::App& app) {
    app.group("Mail server");
    app.option("--host", host, "The server's name").env("SMTP_HOST").metavar("HOST").may_change();
    app.option("--port", port, "Its port")
        .env("SMTP_PORT")
        .metavar("PORT")
        .at_least(1)
        .at_most(65535)
        .default_text("587; 465 with implicit TLS; 25 without TLS")
        .may_change();
    app.option("--user", user, "Log in as this user; the password comes from SMTP_PASSWORD or --password-file")
        .env("SMTP_USER")
        .may_change();
    app.option("--password-file", password_file, "File whose first line is the password")
        .metavar("FILE")
        .file()
        .may_change();
    app.choice("--tls", tls, {{"starttls", Tls::starttls}, {"implicit", Tls::implicit}, {"none", Tls::none}},
               "How the connection is protected")
        .env("SMTP_TLS")
        .default_text("implicit on port 465; none on this machine itself; else starttls")
        .may_change();
    app.option("--cafile", ca_file, "PEM file with the authorities to trust instead of the system's")
        .metavar("FILE")
        .file()
        .may_change();
    app.flag("--insecure", insecure, "Allow plain text to another machine").may_change();
    app.option("--timeout", timeout, "How long one mail may take").may_change();
    app.option("--retries", retries, "How often a mail is tried again after a failure that may pass")
        .at_least(0)
        .at_most(100)
        .may_change();
    app.option("--retry-wait", retry_wait,
               "Pause before the first such try; each next one is twice as long, 2m at most")
        .may_change();
  }

  void validate() const {
    if (host.empty()) throw cli::UsageError("--host or SMTP_HOST is required (or --dry-run)");
    for (const char c : host) {
      const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        std::string_view(".-_:[]").find(c) != std::string_view::npos;
      if (!fits) throw cli::UsageError("--host: expected the name or address of a server");
    }
    if (security() == smtp::Security::none && !net::is_this_machine(host) && !insecure)
      throw cli::UsageError(
          fmt::format("plain text goes to this machine itself only; to send it to {} add --insecure", host));
    if (timeout < std::chrono::seconds(1)) throw cli::UsageError("--timeout: at least 1s");
  }

  smtp::Security security() const {
    switch (tls) {
      case Tls::starttls:
        return smtp::Security::starttls;
      case Tls::implicit:
        return smtp::Security::implicit;
      case Tls::none:
        return smtp::Security::none;
      case Tls::by_server:
        break;
    }
    if (port == 465) return smtp::Security::implicit;
    return net::is_this_machine(host) ? smtp::Security::none : smtp::Security::starttls;
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

  /// The server with its password. Throws cli::UsageError when there is none for --user.
  smtp::Server server(cli::Context& context) const {
    smtp::Server made{host, port != 0 ? port : usual_port(), security(), user, "", ca_file, timeout};
    if (!user.empty()) {
      made.password = password_file.empty() ? context.environment.secret("SMTP_PASSWORD").value_or("")
                                            : cli::read_secret_file(password_file);
      if (made.password.empty()) throw cli::UsageError("--user needs a password: SMTP_PASSWORD or --password-file");
      context.log.conceal(made.password);
    }
    if (made.security == smtp::Security::none && !net::is_this_machine(host))
      context.log.warn(
          fmt::format("mails{} go to {} in plain text (--insecure)", user.empty() ? "" : " and the password", host));
    return made;
  }
};

}  // namespace weir::summary_mail
