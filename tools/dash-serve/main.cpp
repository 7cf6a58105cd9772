// dash-serve: turns any stream of records into a live page.
#include <fmt/format.h>
#include <poll.h>

#include "cli/app.hpp"
#include "cli/signals.hpp"
#include "cli/time_options.hpp"
#include "dashboard.hpp"
#include "pipeline/run.hpp"
#include "server_options.hpp"
#include "stages.hpp"
#include "subscribers/unsubscribe_token.hpp"

namespace {

using namespace weir;
using namespace weir::dash_serve;

struct Options {
  ServerOptions server;
  bool pass = false, exit_on_eof = false;
  std::string title = "weir";
  std::vector<std::string> by, fields, units;
  Duration stale = std::chrono::minutes(15);
  std::uint64_t show = 50, points = 500, max_keys = 10'000, history = 256 << 20;
  std::string subscribers, secret_file, on_subscribe, on_slider;
  std::vector<std::string> sliders;
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

  options.server.define(app);

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

  app.group("Sliders");
  app.option("--slider", options.sliders,
             "A knob on the page, such as 'rate=1..200/5:20 Events a second': name, least, most, step, value, label; "
             "again for each")
      .metavar("SLIDER");
  app.option("--on-slider", options.on_slider,
             "Run when a knob was turned, without a shell: {name} and {value} stand for what it is now")
      .metavar("COMMAND");

  app.group("Pipe");
  app.flag("--pass", options.pass, "Pass every record on to standard output, as it came");
  app.flag("--exit-on-eof", options.exit_on_eof, "End when the input ends, instead of staying up");
  options.time.define(app);
  options.input.define(app);
  options.output.define(app);
}

void validate(const Options& options) {
  options.server.validate();
  for (const std::string& unit : options.units)
    if (unit.find('=') == std::string::npos || unit.starts_with('='))
      throw cli::UsageError(fmt::format("--unit: expected FIELD=UNIT, not '{}'", unit));
  if (options.subscribers.empty() && !(options.on_subscribe.empty() && options.secret_file.empty()))
    throw cli::UsageError("--on-subscribe and --unsubscribe-secret need --subscribers");
  try {
    FieldSet fields;
    const GroupKey trial(options.by, fields);
    split_words(options.on_subscribe);
    split_words(options.on_slider);
    for (const std::string& slider : options.sliders) parse_slider(slider);
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(fmt::format("--by, --slider or a command: {}", problem.what()));
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
  settings.server = options.server.settings();
  settings.access = options.server.access();
  settings.subscriptions.file = options.subscribers;
  settings.subscriptions.command = split_words(options.on_subscribe);
  settings.subscriptions.secret = context.secret("WEIR_UNSUBSCRIBE_SECRET", options.secret_file).value_or("");
  if (const auto& secret = settings.subscriptions.secret; !secret.empty() && secret.size() < least_unsubscribe_secret)
    throw cli::UsageError(fmt::format("the secret of the links needs {} characters", least_unsubscribe_secret));
  for (const std::string& slider : options.sliders) settings.sliders.sliders.push_back(parse_slider(slider));
  settings.sliders.command = split_words(options.on_slider);
  settings.max_silence = options.server.max_silence.value_or(Duration::zero());
  return settings;
}

cli::Exit run(const Options& options, cli::Context& context) {
  Dashboard dashboard(settings_of(options, context), context.log);
  context.log.info(dashboard.url());
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
      context.log.info("the input has ended; the page stays up");
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
