// win-agg: aggregates records over windows of event time.
#include <fmt/format.h>

#include "cli/app.hpp"
#include "options.hpp"
#include "pipeline/run.hpp"
#include "win_agg.hpp"

namespace {

using namespace weir;
using namespace weir::win_agg;

void set_windows(const Options& options, WinAggSettings& settings) {
  settings.gap = options.gap;
  settings.count = options.count;
  settings.size = options.size;
  settings.closed = options.closed;
  if ((options.every.empty() ? 0 : 1) + (options.gap ? 1 : 0) + (options.count ? 1 : 0) != 1)
    throw cli::UsageError("one of --every, --gap and --count is needed, and no two of them");
  if (options.every.empty()) {
    if (options.size || !options.origin.empty() || options.closed == ClosedEnd::right)
      throw cli::UsageError("--size, --origin and --closed right go with --every");
    return;
  }
  set_every(settings, options.every, options.origin);
}

WinAggSettings settings_of(const Options& options) {
  WinAggSettings settings;
  settings.time_field = options.time.field;
  settings.time = options.time.parser();
  settings.zone = cli::zone_or_usage_error(options.time.zone);
  set_windows(options, settings);
  settings.max_future = options.max_future;
  settings.early = options.early;
  settings.having = options.having;
  settings.allow_late = options.allow_late;
  settings.late_copies = options.late_copy.empty() ? LateRecords::leave_out : LateRecords::write_to_side;
  settings.partial = options.drop_partial ? PartialRows::leave_out : PartialRows::write;
  settings.watermarks = options.watermarks ? Watermarks::write : Watermarks::pass_on;
  settings.statistics = options.stats ? Statistics::say : Statistics::keep_quiet;
  settings.lateness = options.lateness;
  settings.by = options.by;
  settings.max_keys = options.max_keys;
  settings.max_fields = options.max_fields;
  settings.late = options.late.empty() ? LateRecords::leave_out : LateRecords::write_to_side;
  settings.watermark = options.watermark;
  settings.top = options.top;
  settings.top_by = options.top_by;
  settings.top_per = options.top_per;
  if (options.aggregates.empty()) return settings;
  try {
    settings.aggregates = parse_aggregates(options.aggregates);
  } catch (const AggregateSyntaxError& error) {
    throw cli::UsageError(std::string("--agg: ") + error.what());
  }
  return settings;
}

void validate(const Options& options) {
  if (!options.late_copy.empty() && options.allow_late == Duration::zero())
    throw cli::UsageError("--late-copy needs --allow-late");
  try {
    const WinAggSettings settings = settings_of(options);
    check(settings);
    const WinAgg trial(settings);
  } catch (const std::invalid_argument& error) {
    throw cli::UsageError(error.what());
  }
}

cli::Exit run(const Options& options, cli::Context& context) {
  WinAgg stage(settings_of(options));
  return run_filter(stage, options.input, options.output, context, {options.late, options.late_copy});
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "win-agg", "aggregates records over windows of event time",
                                     define_options, validate, run);
}
