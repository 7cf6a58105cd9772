// polyfit-predict: predicts the next values of a series by a fitted polynomial.
#include "cli/time_options.hpp"
#include "pipeline/filter_main.hpp"
#include "pipeline/series_options.hpp"
#include "polyfit_predict.hpp"

namespace {

using namespace weir;
using namespace weir::polyfit_predict;

void define_options(cli::App& app, Settings& settings) {
  app.example("csv-tail readings.csv | polyfit-predict --by city --field temperature_c,humidity --last 50",
              "For each city the next temperature and humidity, by a line through the last 50 readings");
  app.example("polyfit-predict --by city --field temperature_c --degree 2 --ahead 24h readings.ndjson",
              "The temperature 24 hours after the last reading, by a parabola over time");
  app.example("polyfit-predict --by city --field temperature_c --live --pass readings.ndjson",
              "Every reading, and after it the prediction of the next");
  app.group("Prediction");
  define_series(app, settings, "predict");
  app.option("--last", settings.last, "How many of the latest readings of a series are fitted to")
      .at_least(2)
      .at_most(1e6);
  app.option("--degree", settings.degree, "Degree of the polynomial; 0 is the mean")
      .metavar("D")
      .at_least(0)
      .at_most(9);
  app.option("--ahead", settings.ahead,
             "How far ahead to predict: a number of steps, or a duration, which puts time on the x axis")
      .metavar("STEPS|DURATION");
  app.option("--confidence", settings.confidence, "Probability that the next reading is between low and high")
      .metavar("P");
  app.option("--bounds", settings.bounds,
             "Least and greatest value of a field, such as humidity=0..100 or power=0..; predictions stay between")
      .metavar("FIELD=LOW..HIGH");
  app.flag("--live", settings.when, PredictWhen::every_record,
           "Predict after every record, not only at the end of the input");
  define_series_limits(app, settings);
  cli::define_event_time(app, settings.time);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::polyfit_predict::PolyfitPredict>(
      argc, argv, "polyfit-predict", "predicts the next values of a series by a fitted polynomial", define_options);
}
