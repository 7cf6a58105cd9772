// ts-forecast: forecasts series with seasons.
#include "cli/time_options.hpp"
#include "cli/trusted_file.hpp"
#include "pipeline/filter_main.hpp"
#include "pipeline/series_options.hpp"
#include "ts_forecast.hpp"

namespace {

using namespace weir;
using namespace weir::ts_forecast;

void define_options(cli::App& app, Settings& settings) {
  app.example("ts-forecast --by city --field temperature_c --ahead 12h readings.ndjson",
              "For each city the temperature of the next twelve hours, with intervals");
  app.example("ts-forecast --by city --field temperature_c --ahead 6 --backtest 3 readings.ndjson",
              "How good such forecasts would have been: three hold-outs of each city");
  app.example("ts-forecast --by meter --field kw --min 0 --ahead 24 --every 6h --pass meters.ndjson",
              "The readings of a stream, and four times a day the next 24 values of each meter");
  app.group("Forecasts");
  define_series(app, settings, "forecast");
  app.choice(
      "--model", settings.method,
      {{"auto", Method::automatic},
       {"seasonal-naive", Method::seasonal_naive},
       {"dummies", Method::dummies},
       {"ets", Method::ets},
       {"arima", Method::arima},
       {"theta", Method::theta},
       {"additive", Method::additive},
       {"combination", Method::combination}},
      "What forecasts: auto is the combination of models with several seasons, weighed by their errors in hold-outs");
  app.option("--ets", settings.ets,
             "Form of ets: error A or M, trend N, A or Ad, season N, A or M; auto: of the least AICc")
      .metavar("FORM");
  app.option("--arima", settings.arima, "Orders of arima: p,d,q or p,d,q,P,D,Q; auto: by tests and AICc")
      .metavar("ORDERS");
  app.list("--season", settings.seasons, "Lengths of the seasons, or numbers of steps; `none`")
      .metavar("LENGTH,…")
      .default_text("24h and 7d of readings less than a day apart, 7d of daily ones, 12 of monthly ones");
  app.option("--ahead", settings.ahead, "How far to forecast: a number of steps, or a duration; at most 10,000 steps")
      .metavar("STEPS|DURATION");
  app.option("--level", settings.level, "Per cent of the values that are to lie between low and high")
      .metavar("PERCENT");
  app.choice("--log", settings.logs, {{"auto", Logs::automatic}, {"on", Logs::on}, {"off", Logs::off}},
             "Forecast the logarithms of series whose values are all positive");
  app.option("--min", settings.min, "No prediction, low or high is less").metavar("X");
  app.option("--max", settings.max, "No prediction, low or high is greater").metavar("X");
  app.option("--holidays", settings.holidays,
             "A file of days with effects of their own: lines such as `2026-12-25 Christmas`")
      .file();
  app.option("--step", settings.step,
             "Time between readings: a duration, `month`, `reading` (each one is a step), or `auto`")
      .metavar("STEP");
  app.option("--last", settings.last, "How many of the latest readings of a series are kept").at_least(8).at_most(1e6);
  app.group("Streams");
  app.option("--every", settings.every, "Forecast in the stream, with the first reading of each such period");
  app.option("--refit", settings.refit, "With --every: fit and weigh the models again in each such period")
      .default_text("24h");
  define_series_limits(app, settings);
  app.group("Backtest");
  app.option("--backtest", settings.backtest,
             "Do not forecast: hold out the last --ahead values, N times, and write sMAPE, MASE, MSIS and coverage")
      .metavar("N")
      .at_least(1)
      .at_most(1000);
  cli::define_event_time(app, settings.time);
}

void read_holidays(Settings& settings) {
  if (!settings.holidays.empty()) settings.holidays_text = cli::read_option_file("--holidays", settings.holidays);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<TsForecast>(argc, argv, "ts-forecast",
                                       "forecasts series with seasons, with intervals that hold what they promise",
                                       define_options, read_holidays);
}
