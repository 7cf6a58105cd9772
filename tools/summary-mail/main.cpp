// summary-mail: mails a daily weather summary to subscribers.
#include <fmt/format.h>

#include "cli/signals.hpp"
#include "net/smtp/client.hpp"
#include "net/smtp/message.hpp"
#include "options.hpp"
#include "pipeline/run.hpp"
#include "pipeline/standard_output.hpp"
#include "summary_mail.hpp"
#include "token_secret.hpp"

namespace {

using namespace weir;
using namespace weir::summary_mail;

smtp::Mailbox sender_of(const Options& options) {
  try {
    return smtp::parse_mailbox(options.from.empty() ? "summary-mail@localhost" : options.from);
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(fmt::format("--from: {}", problem.what()));
  }
}

/// Reads the subscribers, or the one to greet. Reports unusable rows, and then sets `bad`.
std::vector<Subscriber> read_subscribers(const Options& options, cli::Context& context, bool& bad) {
  const Zone zone = cli::zone_or_usage_error(options.stage.time.zone);
  if (!options.confirm.empty()) return {Subscriber{options.confirm, "", {}, zone}};
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

/// True five seconds after a stop was requested: the current mail gets that long.
std::function<bool()> stop_with_grace() {
  using clock = std::chrono::steady_clock;
  return [asked = std::optional<clock::time_point>()]() mutable {
    if (!cli::stop_requested()) return false;
    if (!asked) asked = clock::now();
    return clock::now() - *asked > std::chrono::seconds(5);
  };
}

cli::Exit run(const Options& options, cli::Context& context) {
  SummaryMail::Settings settings = options.stage;
  settings.strict = options.input.strict;
  settings.editor.kind = !options.confirm.empty()   ? MailKind::confirm
                         : !options.welcome.empty() ? MailKind::welcome
                                                    : MailKind::daily;
  settings.editor.from = sender_of(options);
  settings.editor.unsubscribe_secret = token_secret(settings.editor.unsubscribe, options.unsubscribe_secret, context);
  settings.retries = {static_cast<unsigned>(options.server.net.retries), options.server.net.retry_wait,
                      std::chrono::minutes(2)};
  const auto fixed_now = TimeParser().parse(options.now);

  SummaryMail::World world;
  world.stop = cli::stop_requested;
  world.now = [&] { return fixed_now.value_or(std::chrono::system_clock::now()); };
  std::optional<StandardOutput> output;
  std::optional<smtp::Client> client;
  if (options.dry_run()) {
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
    if (const std::string& sent = options.stage.sent_log; !sent.empty())
      SentLog::read(sent);  // a wrong file must be found before any mail is sent
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
