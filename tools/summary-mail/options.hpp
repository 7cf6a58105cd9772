// The options of summary-mail.
#pragma once
#include <fmt/format.h>

#include <string>

#include "cli/time_options.hpp"
#include "editor.hpp"
#include "mail_server_options.hpp"
#include "net/smtp/header.hpp"
#include "pipeline/options.hpp"
#include "reading_options.hpp"
#include "subscribers/options.hpp"

namespace weir::summary_mail {

struct Options {
  SummaryMail::Settings stage;
  InputOptions input;
  std::string subscribers, welcome, confirm, date, from, unsubscribe_secret, now;
  MailServerOptions server;

  bool dry_run() const { return stage.noting == SummaryMail::Noting::look_up; }
};

inline void define_options(cli::App& app, Options& options) {
  app.example("csv-tail readings.csv | summary-mail --subscribers subscribers.csv --sent sent.ndjson",
              "Once a day from cron: one mail for each subscriber, none twice");
  app.example("summary-mail --subscribers subscribers.csv --date 2026-07-02 --dry-run readings.ndjson",
              "See the mails of a day before any is sent (mbox)");
  app.example("summary-mail --welcome ana@example.org --subscribers subscribers.csv <readings.ndjson",
              "Greet a new subscriber");
  options.input.define(app);
  cli::define_event_time(app, options.stage.time);
  define_readings(app, options.stage.fields, options.stage.limits);

  app.group("Mail");
  Editor::Settings& mail = options.stage.editor;
  define_subscribers(app, options.subscribers,
                     "CSV file with the column email and optionally cities, name, timezone (else that of --tz)");
  app.option("--date", options.date, "Day to sum up: today, yesterday or YYYY-MM-DD")
      .metavar("DATE")
      .default_text("today once its evening has begun, else yesterday");
  app.option("--welcome", options.welcome, "Send only a greeting, with current conditions, to this address")
      .metavar("ADDRESS");
  app.option("--confirm", options.confirm, "Send only the link that confirms a subscription (--link) to this address")
      .metavar("ADDRESS");
  app.option("--link", mail.confirm, "Link of --confirm, from dash-serve --on-subscribe").metavar("LINK");
  app.option("--from", options.from, "Sender, as in weather@example.org or 'Weather <weather@example.org>'")
      .env("SMTP_FROM")
      .metavar("ADDRESS")
      .may_change();
  app.option("--unsubscribe", mail.unsubscribe,
             "Link (https: or mailto:) to unsubscribe; {email} stands for the address, {token} for its token, as in "
             "https://dash.example.org/unsubscribe?email={email}&token={token}")
      .metavar("LINK");
  define_unsubscribe_secret(app, options.unsubscribe_secret, "the tokens, the same as dash-serve's");
  app.flag("--no-charts", mail.charts, Charts::leave_out, "Leave out the charts");
  app.option("--sent", options.stage.sent_log, "Note sent mails in this file; a mail noted there is not sent again")
      .file();
  app.flag("--dry-run", options.stage.noting, SummaryMail::Noting::look_up,
           "Write the mails to standard output (mbox) instead of sending them");
  app.option("--now", options.now, "Take this as the present time, for mails with the same bytes each time")
      .metavar("TIME")
      .default_text("the clock")
      .may_change();

  options.server.define(app);
}

/// Checks what goes together, and reads the day of --date.
inline void validate(Options& options) {
  Editor::Settings& mail = options.stage.editor;
  if (options.subscribers.empty() && options.welcome.empty() && options.confirm.empty())
    throw cli::UsageError("--subscribers, --welcome or --confirm is required");
  if (!options.welcome.empty() && !options.confirm.empty())
    throw cli::UsageError("--welcome and --confirm exclude each other");
  if (options.confirm.empty() != mail.confirm.empty()) throw cli::UsageError("--confirm and --link need each other");
  if (!mail.confirm.empty() && !is_link(mail.confirm))
    throw cli::UsageError("--link: expected a link that begins with https://");
  if (const auto problem = smtp::address_problem(options.confirm); !options.confirm.empty() && !problem.empty())
    throw cli::UsageError("--confirm: " + problem);
  if (const auto problem = smtp::address_problem(options.welcome); !options.welcome.empty() && !problem.empty())
    throw cli::UsageError("--welcome: " + problem);
  if (const auto day = parse_which_day(options.date))
    mail.day = *day;
  else if (!options.date.empty())
    throw cli::UsageError("--date: expected today, yesterday or YYYY-MM-DD");
  if (!options.now.empty() && !TimeParser().parse(options.now))
    throw cli::UsageError(fmt::format("--now: '{}' is not a time", options.now));
  if (!mail.unsubscribe.empty() && !is_link(mail.unsubscribe))
    throw cli::UsageError("--unsubscribe: expected a link that begins with https:// or mailto:");
  if (options.dry_run() && options.input.state.on())
    throw cli::UsageError("--dry-run changes nothing, and --state would: leave one out");
  if (options.dry_run()) return;
  if (options.from.empty()) throw cli::UsageError("--from or SMTP_FROM is required (or --dry-run)");
  options.server.validate();
}

}  // namespace weir::summary_mail
