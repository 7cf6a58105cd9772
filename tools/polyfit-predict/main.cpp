// polyfit-predict: predicts the next values of a series by a fitted polynomial.
#include <algorithm>

#include "cli/app.hpp"
#include "cli/time_options.hpp"
#include "pipeline/run.hpp"
#include "polyfit_predict.hpp"
#include "time/duration.hpp"

namespace {

using namespace weir;
using namespace weir::polyfit_predict;

struct Options {
  std::vector<std::string> by;
  std::vector<std::string> fields;
  std::uint64_t last = 50;
  int degree = 1;
  std::string ahead = "1";
  double confidence = 0.95;
  bool live = false;
  bool pass = false;
  std::uint64_t max_keys = 100'000;
  cli::TimeOptions time;
  InputOptions input;
  OutputOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example("csv-tail readings.csv | polyfit-predict --by city --field temperature_c,humidity --last 50",
              "For each city the next temperature and humidity, by a line through the last 50 readings");
  app.example("polyfit-predict --by city --field temperature_c --degree 2 --ahead 24h readings.ndjson",
              "The temperature 24 hours after the last reading, by a parabola over time");
  app.example("polyfit-predict --by city --field temperature_c --live --pass readings.ndjson",
              "Every reading, and behind it the next one as it is predicted from those so far");
  app.group("Prediction");
  app.list("--by", options.by, "Fields by which series are kept apart").metavar("FIELD,…");
  app.list("--field", options.fields, "Fields to predict").metavar("FIELD,…").required();
  app.option("--last", options.last, "How many readings of a series, the latest, are fitted to")
      .metavar("N")
      .at_least(2)
      .at_most(1e6);
  app.option("--degree", options.degree, "Degree of the polynomial; 0 is the mean").metavar("D").at_least(0).at_most(9);
  app.option("--ahead", options.ahead, "How far ahead: a number of steps, or a duration, which puts time on the x axis")
      .metavar("STEPS|DURATION");
  app.option("--confidence", options.confidence, "Probability with which the next reading lies between low and high")
      .metavar("P");
  app.flag("--live", options.live, "Predict at every record, not only at the end of input");
  app.flag("--pass", options.pass, "Let the readings through too, as they came");
  app.option("--max-keys", options.max_keys, "Keys kept at a time; records of one more are rejected")
      .metavar("N")
      .at_least(1)
      .may_change();
  options.time.define(app);
  options.input.define(app);
  options.output.define(app);
}

Ahead ahead_of(const std::string& text) {
  Ahead ahead;
  const bool steps = !text.empty() && text.size() <= 9 &&
                     std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (steps) {
    ahead.steps = std::stoull(text);
    if (ahead.steps == 0) throw cli::UsageError("--ahead must be at least 1 step");
    return ahead;
  }
  const auto length = parse_duration(text);
  if (!length || *length <= Duration::zero())
    throw cli::UsageError("--ahead: '" + text +
                          "' is neither a number of steps (1, 2, …) nor a duration with its unit (24h)");
  ahead.axis = Ahead::Axis::time;
  ahead.length = *length;
  return ahead;
}

PolyfitSettings settings_of(const Options& options) {
  PolyfitSettings settings;
  settings.time_field = options.time.field;
  settings.time = options.time.parser();
  settings.by = options.by;
  settings.fields = options.fields;
  settings.last = options.last;
  settings.degree = static_cast<std::size_t>(options.degree);
  settings.ahead = ahead_of(options.ahead);
  settings.confidence = options.confidence;
  settings.max_keys = options.max_keys;
  settings.when = options.live ? PredictWhen::every_record : PredictWhen::at_end;
  settings.readings = options.pass ? Readings::pass : Readings::drop;
  return settings;
}

void validate(const Options& options) {
  if (!(options.confidence > 0 && options.confidence < 1))
    throw cli::UsageError("--confidence must lie between 0 and 1, such as 0.95");
  const auto needed = static_cast<std::uint64_t>(options.degree) + 2;
  if (options.last < needed)
    throw cli::UsageError("--last: a polynomial of degree " + std::to_string(options.degree) + " needs at least " +
                          std::to_string(needed) + " readings");
  try {
    const PolyfitPredict trial(settings_of(options));
  } catch (const std::invalid_argument& error) {
    throw cli::UsageError(error.what());
  }
}

cli::Exit run(const Options& options, cli::Context& context) {
  PolyfitPredict stage(settings_of(options));
  return run_filter(stage, options.input, options.output, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "polyfit-predict",
                                     "predicts the next values of a series by a fitted polynomial", define_options,
                                     validate, run);
}
