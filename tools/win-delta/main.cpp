// win-delta: gives the difference between successive values of a key.
#include "cli/time_options.hpp"
#include "pipeline/filter_main.hpp"
#include "win_delta.hpp"

namespace {

using namespace weir;

void define_options(cli::App& app, win_delta::Settings& settings) {
  app.example(
      "win-agg --every 1d --by city --agg 'max(temperature_c) as hottest' readings.ndjson | win-delta --by city "
      "--field 'hottest as warmer'",
      "How much warmer each day is than the day before");
  app.example("win-delta --by city --field temperature_c,pressure --time timestamp readings.ndjson",
              "Every reading, with temperature_c_delta and pressure_delta");
  app.example(
      "rec-dedup --by meter,timestamp --within 10m meters.ndjson | win-delta --by meter --field 'kw as rise' --time "
      "timestamp | jq -c 'select(.rise > 0.3)'",
      "Sudden rises of a meter's power");
  app.group("Differences");
  app.fields("--by", settings.by, "Fields that make the key of a row");
  app.fields("--field", settings.fields, "Fields whose differences are added, each as FIELD_delta or with 'as NAME'")
      .required();
  app.flag("--counter", settings.falling, win_delta::Falling::reset,
           "Values are counters: a lower value than the one before started again from zero, and counts from there");
  app.option("--allow-late", settings.allow_late,
             "How much older than the newest row of its key a row may be that replaces another or comes between two");
  app.late(settings.late, "Append rows that are older still to this file");
  app.limit("--max-keys", settings.max_keys, "Most keys held; records of further keys are rejected");
  cli::define_event_time(app, settings.time);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::win_delta::WinDelta>(
      argc, argv, "win-delta", "adds the difference between successive values of a key", define_options);
}
