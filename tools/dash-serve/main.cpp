// dash-serve: turns any stream of records into a live page.
#include <fmt/format.h>
#include <poll.h>

#include <charconv>

#include "cli/app.hpp"
#include "cli/signals.hpp"
#include "cli/time_options.hpp"
#include "dashboard.hpp"
#include "net/host.hpp"
#include "pipeline/run.hpp"
#include "stages.hpp"
#include "subscribers/unsubscribe_token.hpp"

namespace {

using namespace weir;

struct Options {
  std::string listen = "127.0.0.1:8080";
  std::string auth_file, certificate, key, public_url;
  bool insecure = false, pass = false, exit_on_eof = false;
  std::string title = "weir";
  std::vector<std::string> by, fields, units;
  Duration stale = std::chrono::minutes(15);
  std::optional<Duration> max_silence;
  std::uint64_t show = 50, points = 500, max_keys = 10'000, history = 256 << 20, max_clients = 1000, feed = 8 << 20;
  std::string subscribers, secret_file, on_subscribe;
  cli::TimeOptions time;
  InputOptions input;
  OutputOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example("csv-tail readings.csv | dash-serve --by city --listen 127.0.0.1:0 --exit-on-eof",
              "A page with a card a city; without --exit-on-eof it stays up at the end of the input");
  app.example("dash-serve --pass --listen 127.0.0.1:0 --exit-on-eof readings.ndjson | csv-append all.csv",
              "In the middle of a pipe: everything is passed on");
  app.example(
      "dash-serve --title Weather --unit temperature_c=°C --subscribers subscribers.csv --listen 127.0.0.1:0 "
      "--exit-on-eof readings.ndjson",
      "With a unit, and a form for those who want the mails of summary-mail");

  app.group("Page");
  app.option("--title", options.title, "What stands above the page");
  app.list("--by", options.by, "Fields that tell the keys apart, a card each; without it found from the first record");
  app.list("--field", options.fields, "Fields to show first, in this order; without it all that are numbers");
  app.option("--unit", options.units, "Unit of a field, such as power=kW; again for each").metavar("FIELD=UNIT");
  app.option("--show", options.show, "Points of a chart at first").at_least(2).at_most(100'000).metavar("N");
  app.option("--stale", options.stale, "How old a reading is when it looks stale");

  app.group("Server");
  app.option("--listen", options.listen, "Address and port to listen on; port 0 takes any that is free")
      .metavar("ADDRESS:PORT");
  app.option("--public-url", options.public_url, "The page's address where a proxy stands before it").metavar("URL");
  app.option("--auth-file", options.auth_file,
             "Who may look: a line NAME:PASSWORD (basic) or TOKEN (bearer) each; nobody else can read the file")
      .metavar("FILE")
      .file();
  app.option("--cert", options.certificate, "Serve TLS with this certificate chain (PEM)").metavar("FILE").file();
  app.option("--key", options.key, "Its private key (PEM)").metavar("FILE").file();
  app.flag("--insecure", options.insecure, "Serve other machines also without TLS, or without passwords");
  app.option("--max-clients", options.max_clients, "Connections at a time").at_least(1).at_most(1'000'000).metavar("N");
  app.size("--feed", options.feed, "Memory of what slow clients are still to be sent").at_least(65'536);
  app.option("--max-silence", options.max_silence, "An input that is silent for longer is unhealthy (/healthz)");

  app.group("History");
  app.option("--points", options.points, "Readings kept of each key").at_least(1).at_most(1'000'000).metavar("N");
  app.option("--max-keys", options.max_keys, "Keys kept at a time; then the quietest is forgotten for a new one")
      .at_least(1)
      .at_most(10'000'000)
      .metavar("N");
  app.size("--history", options.history, "Memory of all readings kept; beyond it a key's oldest are forgotten")
      .at_least(65'536);

  app.group("Subscriptions");
  app.option("--subscribers", options.subscribers, "The list that the page's form writes and summary-mail reads (CSV)")
      .metavar("FILE")
      .file();
  app.option("--unsubscribe-secret", options.secret_file,
             "File with the secret of the links to leave the list; else WEIR_UNSUBSCRIBE_SECRET")
      .metavar("FILE")
      .file();
  app.option("--on-subscribe", options.on_subscribe,
             "Run for each subscription, without a shell: {email} stands for the address, {{ for a brace; the latest "
             "readings are its standard input")
      .metavar("COMMAND");

  app.group("Pipe");
  app.flag("--pass", options.pass, "Pass every record on to standard output, as it came");
  app.flag("--exit-on-eof", options.exit_on_eof, "End when the input ends, instead of staying up");
  options.time.define(app);
  options.input.define(app);
  options.output.define(app);
}

/// `127.0.0.1:8080` or `[::1]:8080`; throws cli::UsageError.
std::pair<std::string, std::uint16_t> address_and_port(const std::string& text) {
  const auto colon = text.rfind(':');
  unsigned port = 65'536;
  if (colon != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc() || rest != end) port = 65'536;
  }
  if (port > 65'535) throw cli::UsageError("--listen: expected ADDRESS:PORT, such as 127.0.0.1:8080");
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  return {address.empty() ? "0.0.0.0" : address, static_cast<std::uint16_t>(port)};
}

void validate(const Options& options) {
  const auto [address, port] = address_and_port(options.listen);
  if (!net::is_this_machine(address) && !options.insecure) {
    if (options.auth_file.empty())
      throw cli::UsageError("--listen: other machines need a password: --auth-file (or --insecure)");
    if (options.certificate.empty())
      throw cli::UsageError("--listen: other machines need TLS: --cert and --key (or --insecure)");
  }
  if (options.certificate.empty() && !options.key.empty()) throw cli::UsageError("--key needs --cert");
  for (const std::string& unit : options.units)
    if (unit.find('=') == std::string::npos || unit.starts_with('='))
      throw cli::UsageError(fmt::format("--unit: expected FIELD=UNIT, not '{}'", unit));
  if (options.subscribers.empty() && !(options.on_subscribe.empty() && options.secret_file.empty()))
    throw cli::UsageError("--on-subscribe and --unsubscribe-secret need --subscribers");
  try {
    FieldSet fields;
    const GroupKey trial(options.by, fields);
    split_words(options.on_subscribe);
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(fmt::format("--by or --on-subscribe: {}", problem.what()));
  }
}

Dashboard::Settings settings_of(const Options& options, const cli::Context& context) {
  Dashboard::Settings settings;
  settings.board = {.by = options.by,
                    .time = options.time.field,
                    .points = options.points,
                    .max_keys = options.max_keys,
                    .max_bytes = options.history};
  settings.time = options.time.parser();
  static constexpr std::array<const char*, 4> units{"s", "ms", "us", "ns"};
  settings.time_unit = units[static_cast<std::size_t>(options.time.unit)];
  settings.time_zone = options.time.zone;
  settings.page.title = options.title;
  settings.page.fields = options.fields;
  for (const std::string& unit : options.units)
    settings.page.units[unit.substr(0, unit.find('='))] = unit.substr(unit.find('=') + 1);
  settings.page.stale = options.stale;
  settings.page.show = options.show;
  std::tie(settings.server.address, settings.server.port) = address_and_port(options.listen);
  settings.server.certificate = options.certificate;
  settings.server.key = options.key;
  settings.server.limits.clients = options.max_clients;
  settings.server.limits.feed = options.feed;
  if (!options.auth_file.empty()) settings.access.secrets = cli::read_secret_lines(options.auth_file);
  settings.access.public_url = options.public_url;
  settings.access.loopback = net::is_this_machine(settings.server.address);
  settings.subscriptions.file = options.subscribers;
  settings.subscriptions.command = split_words(options.on_subscribe);
  settings.subscriptions.secret = options.secret_file.empty()
                                      ? context.environment.secret("WEIR_UNSUBSCRIBE_SECRET").value_or("")
                                      : cli::read_secret_file(options.secret_file);
  if (const auto& secret = settings.subscriptions.secret; !secret.empty() && secret.size() < least_unsubscribe_secret)
    throw cli::UsageError(fmt::format("the secret of the links needs {} characters", least_unsubscribe_secret));
  settings.max_silence = options.max_silence.value_or(Duration::zero());
  return settings;
}

cli::Exit run(const Options& options, cli::Context& context) {
  Dashboard dashboard(settings_of(options, context), [&](std::string_view text) { context.words.warn(text); });
  context.words.info(dashboard.url());
  cli::Exit exit = cli::Exit::done;
  if (options.pass) {
    DashFilter filter(dashboard);
    exit = run_filter(filter, options.input, options.output, context);
  } else {
    DashSink sink(dashboard);
    exit = run_sink(sink, options.input, context);
  }
  if (!cli::stop_requested()) {
    dashboard.end_of_input();
    if (!options.exit_on_eof) {
      context.words.info("the input has ended; the page stays up");
      pollfd stop{cli::stop_descriptor(), POLLIN, 0};
      while (!cli::stop_requested()) wait_for({&stop, 1}, no_limit);
    }
  }
  dashboard.stop();
  return exit;
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "dash-serve", "turns any stream of records into a live page",
                                     define_options, validate, run);
}
