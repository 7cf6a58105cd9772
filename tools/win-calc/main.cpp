// win-calc: calculates across series of the same window.
#include "cli/app.hpp"
#include "cli/time_options.hpp"
#include "pipeline/run.hpp"
#include "win_calc.hpp"

namespace {

using namespace weir;
using namespace weir::win_calc;

struct Options {
  Options() { time.field = "window_end"; }
  std::vector<std::string> calculations;
  std::optional<std::string> series;
  std::string value = "value";
  bool wide = false;
  std::vector<std::string> by;
  Match match = Match::window;
  Missing missing = Missing::null;
  bool pass = false;
  Duration lateness{};
  Duration allow_late{};
  std::string late;
  std::uint64_t max_windows = 1'000'000;
  cli::TimeOptions time;
  InputOptions input;
  OutputOptions output;
};

constexpr std::string_view usual_series = "sensor";

void define_options(cli::App& app, Options& options) {
  app.example(
      "win-agg --every 2h --by city --agg 'avg(temperature_c) as value' readings.ndjson | "
      "win-calc --series city --calc 'gap = Cairo - Oslo' --calc 'spread = abs(Athens - Oslo)'",
      "How much warmer it is in one city than in another, every two hours");
  app.example(
      "(win-agg --every 1h --by city --agg 'avg(wind_speed) as now' readings.ndjson; "
      "win-agg --every 4h --by city --agg 'avg(wind_speed) as usual' readings.ndjson) | "
      "win-calc --wide --by city --match end --missing wait --lateness 1d --calc 'calm = now < 0.5 * usual'",
      "Where the last hour had less than half the wind of the four hours that end with it");
  app.example(
      "win-calc --wide --by city --time timestamp --calc 'dew_point = temperature_c - (100 - humidity) / 5' "
      "readings.ndjson",
      "From single readings: a rough dew point");
  app.group("Calculations");
  app.option("--calc", options.calculations, "A calculation, 'NAME = EXPRESSION' over series; again for each")
      .metavar("CALC")
      .required();
  app.option("--series", options.series, "The field in which a row names its series")
      .metavar("FIELD")
      .default_text(std::string(usual_series));
  app.option("--value", options.value, "The field that has its value, where the expression does not say SERIES.FIELD")
      .metavar("FIELD");
  app.flag("--wide", options.wide, "Expressions name fields of the rows and not series");
  app.list("--by", options.by, "Fields by which rows are kept apart").metavar("FIELD,…");
  app.choice("--match", options.match, {{"window", Match::window}, {"end", Match::end}},
             "Which rows belong together: those of the same window, or of windows that end together");
  app.choice("--missing", options.missing, {{"null", Missing::null}, {"zero", Missing::zero}, {"wait", Missing::wait}},
             "What a series without a value does when the window is over: makes the result null, counts as 0, or is "
             "waited for");
  app.flag("--pass", options.pass, "Rows come out too, as they came");
  app.group("Windows");
  app.option("--lateness", options.lateness,
             "How far behind the newest window's end another may end and not yet be over")
      .metavar("DURATION");
  app.option("--allow-late", options.allow_late, "For how long a window that is over is held for rows that still come")
      .metavar("DURATION");
  app.option("--late", options.late, "Append rows of windows that are no longer held to this file")
      .metavar("FILE")
      .file()
      .may_change();
  app.option("--max-windows", options.max_windows, "Windows of keys held at a time; rows of one more are rejected")
      .metavar("N")
      .at_least(1)
      .at_most(1'000'000'000)
      .may_change();
  options.time.define(app);
  options.input.define(app);
  options.output.define(app);
}

WinCalcSettings settings_of(const Options& options) {
  WinCalcSettings settings;
  for (const std::string& text : options.calculations) settings.calculations.push_back(parse_calculation(text));
  settings.shape = options.wide ? Shape::wide_rows : Shape::long_rows;
  settings.series_field = options.series.value_or(std::string(usual_series));
  settings.value_field = options.value;
  settings.by = options.by;
  settings.time_field = options.time.field;
  settings.time = options.time.parser();
  settings.match = options.match;
  settings.missing = options.missing;
  settings.rows = options.pass ? Rows::passed_too : Rows::results_only;
  settings.lateness = options.lateness;
  settings.allow_late = options.allow_late;
  settings.max_windows = options.max_windows;
  settings.late = options.late.empty() ? LateRows::leave_out : LateRows::write_to_side;
  return settings;
}

void validate(const Options& options) {
  if (options.wide && options.series) throw cli::UsageError("--series does not go with --wide");
  try {
    const WinCalc trial(settings_of(options));
  } catch (const std::invalid_argument& error) {
    throw cli::UsageError(std::string("--calc: ") + error.what());
  } catch (const expr::SyntaxError& error) {
    throw cli::UsageError(std::string("--calc: ") + error.what());
  }
}

cli::Exit run(const Options& options, cli::Context& context) {
  WinCalc stage(settings_of(options));
  return run_filter(stage, options.input, options.output, context, {options.late});
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "win-calc", "calculates across series of the same window",
                                     define_options, validate, run);
}
