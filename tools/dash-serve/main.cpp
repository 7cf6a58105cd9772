// dash-serve: turns any stream of records into a live page.
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

#include "base_map.hpp"
#include "cli/signals.hpp"
#include "dashboard.hpp"
#include "options.hpp"
#include "pipeline/run.hpp"
#include "stages.hpp"
#include "state/atomic_file.hpp"
#include "subscribers/link_token.hpp"

namespace {

using namespace weir;
using namespace weir::dash_serve;

std::string read_base_map(const std::string& path) {
  try {
    const auto text = state::read_file(path, most_base_map);
    if (!text) throw std::invalid_argument("there is no such file");
    return base_map(*text);
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(fmt::format("--map-base: {}: {}", path, problem.what()));
  }
}

/// The stage's settings, with the files and secrets that options name.
Dashboard::Settings settings_of(const Options& options, const cli::Context& context) {
  Dashboard::Settings settings = options.stage;
  cli::zone_or_usage_error(settings.board.time.zone);
  for (const std::string& field : settings.page.fields) settings.board.numbers.push_back({field, "--field"});
  for (const auto& [field, unit] : settings.page.units)
    if (std::ranges::find(settings.page.fields, field) == settings.page.fields.end())
      settings.board.numbers.push_back({field, "--unit"});
  settings.board.strict = settings.board.map.strict = options.input.strict;
  if (!options.map_base.empty()) settings.page.map_base = read_base_map(options.map_base);
  settings.server = options.server.settings();
  settings.access = options.server.access();
  settings.subscriptions.secret = unsubscribe_secret(context, options.secret_file);
  if (const auto& secret = settings.subscriptions.secret; !secret.empty() && secret.size() < least_unsubscribe_secret)
    throw cli::UsageError(
        fmt::format("--unsubscribe-secret: the secret needs at least {} characters", least_unsubscribe_secret));
  settings.max_silence = options.server.max_silence.value_or(Duration::zero());
  return settings;
}

cli::Exit run(const Options& options, cli::Context& context) {
  Dashboard dashboard(settings_of(options, context), context.log);
  context.log.info(dashboard.url());
  cli::Exit exit = cli::Exit::done;
  InputOptions input = options.input;
  input.strict_json = true;  // lines go to browsers and scripts, which take nothing but JSON
  if (options.pass) {
    DashFilter filter(dashboard);
    exit = run_filter(filter, input, options.output, context);
  } else {
    DashSink sink(dashboard);
    exit = run_sink(sink, input, context);
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
