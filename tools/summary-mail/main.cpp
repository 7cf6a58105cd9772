// summary-mail: mails a daily weather summary to subscribers.
#include <fmt/format.h>

#include "cli/app.hpp"
#include "cli/signals.hpp"
#include "cli/time_options.hpp"
#include "mail_server_options.hpp"
#include "net/smtp/client.hpp"
#include "net/smtp/message.hpp"
#include "pipeline/run.hpp"
#include "pipeline/writer.hpp"
#include "reading_options.hpp"
#include "summary_mail.hpp"
#include "token_secret.hpp"

namespace {

using namespace weir;
using namespace weir::summary_mail;

struct Options {
  InputOptions input;
  cli::TimeOptions time;
  std::string subscribers, welcome, date, zone = "UTC", from, unsubscribe, unsubscribe_secret, sent, now;
  bool no_charts = false, dry_run = false;
  ReadingOptions readings;
  MailServerOptions server;
};

void define_options(cli::App& app, Options& options) {
  app.example("csv-tail readings.csv | summary-mail --subscribers subscribers.csv --sent sent.ndjson",
              "Once a day from cron: each subscriber's mail, none twice");
  app.example("summary-mail --subscribers subscribers.csv --date 2026-07-02 --dry-run readings.ndjson",
              "Look at the mails of a day before any is sent (mbox)");
  app.example("summary-mail --welcome ana@example.org --subscribers subscribers.csv <readings.ndjson",
              "Greet a new subscriber");
  options.input.define(app);
  options.time.define(app);
  options.readings.define(app);

  app.group("Mail");
  app.option("--subscribers", options.subscribers, "CSV file with email and, where wanted, cities, name, timezone")
      .metavar("FILE")
      .file()
      .may_change();
  app.option("--date", options.date, "The day to sum up, YYYY-MM-DD; without it the day of the latest reading")
      .metavar("DATE");
  app.option("--timezone", options.zone, "IANA zone of subscribers that have none").metavar("ZONE").may_change();
  app.option("--welcome", options.welcome, "Send only a greeting with current conditions to this address")
      .metavar("ADDRESS");
  app.option("--from", options.from, "The sender, as in weather@example.org or 'Weather <weather@example.org>'")
      .env("SMTP_FROM")
      .metavar("ADDRESS")
      .may_change();
  app.option("--unsubscribe", options.unsubscribe,
             "Link (https: or mailto:) to leave the list; {email} stands for the address, {token} for its token, as in "
             "https://dash.example.org/unsubscribe?email={email}&token={token}")
      .metavar("LINK");
  app.option("--unsubscribe-secret", options.unsubscribe_secret,
             "File with the secret of the tokens, the one of dash-serve; else WEIR_UNSUBSCRIBE_SECRET")
      .metavar("FILE")
      .file();
  app.flag("--no-charts", options.no_charts, "Leave the pictures out");
  app.option("--sent", options.sent, "Note sent mails in this file, and send none that is noted there")
      .metavar("FILE")
      .file();
  app.flag("--dry-run", options.dry_run, "Write the mails to standard output (mbox) instead of sending them");
  app.option("--now", options.now, "Take this as the time of day, for mails that can be made again")
      .metavar("TIME")
      .default_text("the clock")
      .may_change();

  options.server.define(app);
}

void validate(const Options& options) {
  if (options.subscribers.empty() && options.welcome.empty())
    throw cli::UsageError("--subscribers or --welcome is required");
  if (const auto problem = smtp::address_problem(options.welcome); !options.welcome.empty() && !problem.empty())
    throw cli::UsageError("--welcome: " + problem);
  if (!options.date.empty() && !parse_date(options.date)) throw cli::UsageError("--date: expected YYYY-MM-DD");
  if (!options.now.empty() && !TimeParser().parse(options.now))
    throw cli::UsageError(fmt::format("--now: '{}' is not a time", options.now));
  if (!options.unsubscribe.empty() && !is_link(options.unsubscribe))
    throw cli::UsageError("--unsubscribe: expected a link that begins with https:// or mailto:");
  if (options.dry_run && options.input.state.on())
    throw cli::UsageError("--dry-run changes nothing, and --state would: leave one out");
  if (options.dry_run) return;
  if (options.from.empty()) throw cli::UsageError("--from or SMTP_FROM is required (or --dry-run)");
  options.server.validate();
}

smtp::Mailbox sender_of(const Options& options) {
  try {
    return smtp::parse_mailbox(options.from.empty() ? "summary-mail@localhost" : options.from);
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(fmt::format("--from: {}", problem.what()));
  }
}

/// The subscribers, or the one to greet; says what is wrong with the rest. `bad` is set when a row cannot be used.
std::vector<Subscriber> read_subscribers(const Options& options, cli::Context& context, bool& bad) {
  const Zone zone = cli::zone_or_usage_error(options.zone, "--timezone");
  SubscriberList list;
  if (!options.subscribers.empty()) {
    try {
      list = subscribers_of(csv::read_table(options.subscribers), zone);
    } catch (const SubscriberListError& problem) {
      throw std::runtime_error(fmt::format("{}: {}", options.subscribers, problem.what()));
    }
    for (const auto& [line, reason] : list.problems) context.log.at_line(options.subscribers, line, reason);
    for (const auto& [line, reason] : list.duplicates) context.log.at_line(options.subscribers, line, reason);
  }
  if (options.welcome.empty()) {
    bad = !list.problems.empty();
    return std::move(list.subscribers);
  }
  const Subscriber* known = find_subscriber(list, options.welcome);
  return {known != nullptr ? *known : Subscriber{options.welcome, "", {}, zone}};
}

/// A stop is given five seconds, in which the mail that is on its way can arrive.
std::function<bool()> stop_with_grace() {
  using clock = std::chrono::steady_clock;
  return [asked = std::optional<clock::time_point>()]() mutable {
    if (!cli::stop_requested()) return false;
    if (!asked) asked = clock::now();
    return clock::now() - *asked > std::chrono::seconds(5);
  };
}

cli::Exit run(const Options& options, cli::Context& context) {
  SummaryMail::Settings settings;
  settings.fields = options.readings.fields;
  settings.fields.time = options.time.field;
  settings.time_parser = options.time.parser();
  settings.limits = options.readings.limits;
  settings.editor.kind = options.welcome.empty() ? MailKind::daily : MailKind::welcome;
  settings.editor.from = sender_of(options);
  settings.editor.unsubscribe = options.unsubscribe;
  settings.editor.unsubscribe_secret = token_secret(options.unsubscribe, options.unsubscribe_secret, context);
  settings.editor.date = parse_date(options.date);
  settings.editor.charts = options.no_charts ? Charts::leave_out : Charts::draw;
  settings.retries = {static_cast<unsigned>(options.server.net.retries), options.server.net.retry_wait,
                      std::chrono::minutes(2)};
  settings.max_future = options.readings.max_future;
  settings.sent_log = options.sent;
  settings.noting = options.dry_run ? SummaryMail::Noting::look_up : SummaryMail::Noting::write;
  const auto fixed_now = TimeParser().parse(options.now);

  SummaryMail::World world;
  world.stop = cli::stop_requested;
  world.now = [&] { return fixed_now.value_or(std::chrono::system_clock::now()); };
  std::optional<StandardOutput> output;
  std::optional<smtp::Client> client;
  if (options.dry_run) {
    output.emplace();
    world.send = [&](const std::string& from, const std::string&, const std::string& message) {
      std::string entry = smtp::mbox_entry(message, from, world.now());
      output->write(entry);
      return smtp::Delivery{};
    };
  } else {
    client.emplace(options.server.server(context), stop_with_grace());
    world.send = [&](const std::string& from, const std::string& to, const std::string& message) {
      return client->send(from, to, message);
    };
  }

  bool bad_rows = false;
  try {
    SummaryMail sink(std::move(settings), read_subscribers(options, context, bad_rows), world, context.log);
    if (!options.sent.empty()) SentLog::read(options.sent);  // a file that is none is found before any mail is sent
    const cli::Exit exit = run_sink(sink, options.input, context);
    if (output) output->close();
    return bad_rows ? cli::Exit::failed : exit;
  } catch (const BadSentLog& problem) {
    throw cli::StateError(problem.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "summary-mail", "mails a daily weather summary to subscribers",
                                     define_options, validate, run);
}
