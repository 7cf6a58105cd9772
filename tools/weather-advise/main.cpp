// weather-advise: the cleaning of weather readings, and what they mean to people.
#include "weather_advise.hpp"
#include "cli/app.hpp"
#include "cli/time_options.hpp"
#include "pipeline/run.hpp"

namespace {

using namespace weir;
using namespace weir::weather_advise;

struct Options {
  std::vector<std::string> fields;
  std::vector<std::string> ranges;
  WeatherAdviseSettings settings;
  std::uint64_t max_held = WeatherAdviseSettings().max_held;
  std::uint64_t max_keys = WeatherAdviseSettings().max_keys;
  cli::TimeOptions time;
  InputOptions input;
  OutputOptions output;

  Options() {
    for (const RangeRule& rule : default_ranges()) fields.push_back(rule.field);
  }
};

void define_options(cli::App& app, Options& options) {
  WeatherAdviseSettings& settings = options.settings;
  app.example("weather-advise readings.ndjson", "Each reading with mod_high_temp, low_temp, temp_message and advice");
  app.example("csv-tail readings.csv | weather-advise --max-gap 3h --low-temp 0",
              "Gaps of up to three hours filled, frost flagged");
  app.example("weather-advise --range temperature_c=-40..50:clamp --range visibility=0.. readings.ndjson",
              "Ranges of one's own");

  app.group("Cleaning");
  app.list("--field", options.fields, "The fields that are cleaned").metavar("FIELD,…");
  app.option(
         "--range", options.ranges,
         "What a field's values may be: FIELD=LOW..HIGH, either limit optional, :null or :clamp behind it; cleans the "
         "field too")
      .metavar("RANGE");
  app.choice("--out-of-range", settings.out_of_range, {{"null", OutOfRange::set_null}, {"clamp", OutOfRange::clamp}},
             "What becomes of a value out of its range, where its --range does not say");
  app.option("--max-gap", settings.max_gap,
             "Fill unknown values between two known ones of the same key that are no further apart than this")
      .default_text("off");
  app.list("--by", settings.by, "The fields that tell the series apart, for --max-gap").metavar("FIELD,…");
  app.size("--max-held", options.max_held, "Memory for records that wait for the end of a gap")
      .at_least(1)
      .may_change();
  app.option("--max-keys", options.max_keys, "Most series followed; records of others are not filled")
      .at_least(1)
      .may_change();

  app.group("Flags and advice");
  app.option("--low-temp", settings.low_temp_c, "low_temp is true below this, in °C").metavar("CELSIUS");
  app.option("--temperature-field", settings.temperature_field, "The field that holds the temperature in °C")
      .metavar("FIELD");
  app.option("--humidity-field", settings.humidity_field, "The field that holds the humidity in %").metavar("FIELD");
  app.option("--wind-field", settings.wind_field, "The field that holds the wind speed in m/s").metavar("FIELD");
  app.option("--weather-field", settings.weather_field, "The field that holds the weather in words").metavar("FIELD");

  options.time.define(app);
  options.input.define(app);
  options.output.define(app);
}

/// The fields of --field and --range, each with the range that holds for it.
std::vector<RangeRule> cleaned_fields(const Options& options) {
  std::vector<RangeRule> rules;
  const auto find = [](std::vector<RangeRule>& all, const std::string& field) {
    for (RangeRule& rule : all)
      if (rule.field == field) return &rule;
    return static_cast<RangeRule*>(nullptr);
  };
  std::vector<RangeRule> defaults = default_ranges();
  for (const std::string& field : options.fields) {
    const RangeRule* usual = find(defaults, field);
    rules.push_back(usual != nullptr ? *usual : RangeRule{field, {}, {}, {}});
  }
  for (const std::string& text : options.ranges) {
    try {
      RangeRule given = parse_range(text);
      RangeRule* rule = find(rules, given.field);
      if (rule != nullptr) {
        *rule = std::move(given);
      } else {
        rules.push_back(std::move(given));
      }
    } catch (const std::invalid_argument& error) {
      throw cli::UsageError("--range " + text + ": " + error.what());
    }
  }
  return rules;
}

WeatherAdvise stage_of(const Options& options) {
  WeatherAdviseSettings settings = options.settings;
  settings.cleaned = cleaned_fields(options);
  settings.max_held = options.max_held;
  settings.max_keys = options.max_keys;
  settings.time = options.time.parser();
  settings.time_field = options.time.field;
  try {
    return WeatherAdvise(std::move(settings));
  } catch (const std::invalid_argument& error) {
    throw cli::UsageError(error.what());
  }
}

void validate(const Options& options) {
  if (options.settings.max_gap && *options.settings.max_gap <= Duration::zero())
    throw cli::UsageError("--max-gap must be longer than nothing");
  stage_of(options);
}

cli::Exit run(const Options& options, cli::Context& context) {
  WeatherAdvise stage = stage_of(options);
  return run_filter(stage, options.input, options.output, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "weather-advise", "cleans weather readings and adds flags and advice",
                                     define_options, validate, run);
}
