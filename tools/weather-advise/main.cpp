// weather-advise: cleans weather readings and adds flags and advice.
#include "cli/time_options.hpp"
#include "pipeline/filter_main.hpp"
#include "weather/options.hpp"
#include "weather_advise.hpp"

namespace {

using namespace weir;
using namespace weir::weather_advise;

void define_options(cli::App& app, Settings& settings) {
  app.example("weather-advise readings.ndjson", "Each reading with mod_high_temp, low_temp, temp_message and advice");
  app.example("csv-tail readings.csv | weather-advise --max-gap 3h --low-temp 0",
              "Gaps of up to three hours filled, frost flagged");
  app.example("weather-advise --range temperature_c=-40..50:clamp --range visibility=0.. readings.ndjson",
              "Other ranges");

  app.group("Cleaning");
  app.fields("--field", settings.fields, "Fields to clean");
  app.option("--range", settings.ranges,
             "What a field's values may be: FIELD=LOW..HIGH, either limit optional, optionally with :null or :clamp; "
             "cleans the "
             "field too")
      .metavar("RANGE");
  app.choice("--out-of-range", settings.out_of_range, {{"null", OutOfRange::set_null}, {"clamp", OutOfRange::clamp}},
             "What becomes of a value out of its range, without an action of its --range");
  app.option("--max-gap", settings.max_gap,
             "Fill unknown values between two known ones of a key that are no further apart than this")
      .default_text("off");
  app.fields("--by", settings.by, "Fields by which series are kept apart, for --max-gap");
  app.size_limit("--max-held", settings.max_held, "Memory for records that wait for the end of a gap");
  app.limit("--max-keys", settings.max_keys, "Most keys held; records of further keys are passed on, not filled");

  app.group("Flags and advice");
  app.option("--low-temp", settings.low_temp_c, "low_temp is true below this, in °C").metavar("CELSIUS");
  weather::define_fields(app, settings.reading);

  cli::define_event_time(app, settings.time);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::weather_advise::WeatherAdvise>(
      argc, argv, "weather-advise", "cleans weather readings and adds flags and advice", define_options);
}
