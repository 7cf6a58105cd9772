// win-calc: calculates across series of the same window.
#include "cli/time_options.hpp"
#include "pipeline/filter_main.hpp"
#include "win_calc.hpp"

namespace {

using namespace weir;

using win_calc::Match;
using win_calc::Missing;

void define_options(cli::App& app, win_calc::Settings& settings) {
  app.example(
      "win-agg --every 2h --by city --agg 'avg(temperature_c) as value' readings.ndjson | win-calc --series city "
      "--calc 'gap = Cairo - Oslo' --calc 'spread = abs(Athens - Oslo)'",
      "How much warmer one city is than another, every two hours");
  app.example(
      "(win-agg --every 1h --by city --agg 'avg(wind_speed) as now' readings.ndjson; win-agg --every 4h --by city "
      "--agg 'avg(wind_speed) as usual' readings.ndjson) | win-calc --wide --by city --match end --missing wait "
      "--lateness 3d --calc 'calm = now < 0.5 * usual'",
      "Windows of different length that end together: hours with little wind");
  app.example(
      "win-calc --wide --by city --time timestamp --calc 'dew_point = temperature_c - (100 - humidity) / 5' "
      "readings.ndjson",
      "From single readings: a rough dew point");
  app.group("Calculations");
  app.option("--calc", settings.calculations, "Calculation 'NAME = EXPRESSION' over series").metavar("CALC").required();
  app.field("--series", settings.series_field, "Field with the name of a row's series")
      .default_text(std::string(win_calc::usual_series_field));
  app.field("--value", settings.value_field, "The field that has its value, unless the expression has SERIES.FIELD");
  app.flag("--wide", settings.shape, win_calc::Shape::wide_rows,
           "Expressions name fields of the rows instead of series");
  app.fields("--by", settings.by, "Fields that make the key of a row");
  app.choice("--match", settings.match, {{"window", Match::window}, {"end", Match::end}},
             "Rows that belong together: of the same window, or of windows that end together");
  app.choice(
      "--missing", settings.missing, {{"null", Missing::null}, {"zero", Missing::zero}, {"wait", Missing::wait}},
      "When a series has no value at the end of its window: the result is null, it counts as 0, or it is waited for");
  app.flag("--pass", settings.rows, win_calc::Rows::passed_too, "Also write the incoming rows, as they came");
  app.group("Windows");
  app.option("--lateness", settings.lateness,
             "How much earlier than the newest window another may end and not yet be over")
      .may_change();
  app.choice("--watermark", settings.watermark,
             {{"stream", win_calc::WatermarkOf::stream}, {"input", win_calc::WatermarkOf::input}},
             "What tells that a window is over: newer rows, or the watermark lines of the source alone");
  app.option("--allow-late", settings.allow_late, "How long a window that is over is held for revised rows");
  app.late(settings.late, "Append late rows, of windows that are no longer held, to this file");
  app.limit("--max-windows", settings.max_windows, "Most windows of keys held; rows of further ones are rejected");
  cli::define_event_time(app, settings.time);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::win_calc::WinCalc>(argc, argv, "win-calc",
                                                    "calculates across series of the same window", define_options);
}
