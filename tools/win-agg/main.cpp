// win-agg: aggregates records over windows of event time.
#include "cli/time_options.hpp"
#include "pipeline/filter_main.hpp"
#include "win_agg.hpp"

namespace {

using namespace weir;
using namespace weir::win_agg;

void define_options(cli::App& app, Settings& settings) {
  app.example(
      "win-agg --every 1d --by city --agg 'avg(temperature_c) as mean, max(temperature_c) as hottest, count() as n' "
      "readings.ndjson",
      "Mean and highest temperature of each day and city");
  app.example(
      "win-agg --size 6h --every 1h --by city --agg 'p95(wind_speed), count(temperature_c < 15) as cold' "
      "readings.ndjson",
      "The last six hours, every hour: a quantile and a conditional count");
  app.example("win-agg --every 30m --by sensor --lateness 5m --late late.ndjson --agg 'avg(value)' sensors.ndjson",
              "Records up to five minutes late count; later ones go to a file");
  app.group("Windows");
  app.option("--every", settings.every, "Length of a window, or step of --size; or day, week, month, year in --tz")
      .completes({"day", "week", "month", "year", "1h", "15m"})
      .metavar("DURATION|UNIT");
  app.option("--size", settings.size, "Length of overlapping windows, one every --every");
  app.option("--gap", settings.gap, "Session windows: a pause of this length in a key's records ends its window");
  app.option("--fill", settings.fill,
             "Also write rows for windows without records, this many at most after a key's last record")
      .at_least(1)
      .at_most(1'000'000);
  app.option("--max-length", settings.max_length,
             "Longest session: one that goes on longer ends there, and another begins");
  app.option("--count", settings.count,
             "Windows of this many records of a key instead, in the order in which they come")
      .at_least(1);
  app.option("--origin", settings.origin, "Where windows meet: a time, or a duration after the default")
      .metavar("TIME|DURATION")
      .default_text("1970-01-01T00:00:00Z");
  app.choice("--closed", settings.closed, {{"left", ClosedEnd::left}, {"right", ClosedEnd::right}},
             "Which end belongs to a window; right for records stamped with the end of what they measure");
  app.option("--lateness", settings.lateness,
             "How far out of order records may come: the watermark is the greatest time minus this")
      .may_change();
  app.choice("--watermark", settings.watermark,
             {{"stream", WatermarkOf::stream}, {"key", WatermarkOf::key}, {"input", WatermarkOf::input}},
             "One watermark for all records; one for each key, so that a fast clock affects only its own key; or the "
             "watermark lines of the source alone");
  app.late(settings.late, "Append late records to this file, with late_by");
  app.option("--allow-late", settings.allow_late,
             "How long after its end a closed window still takes records: its row comes again, with a higher rev");
  app.option("--late-copy", settings.late_copy,
             "Append a copy of records taken by --allow-late to this file, with late_by")
      .file()
      .may_change();
  app.option("--early", settings.early,
             "Also write the rows of open windows, each time this much event time has passed");
  app.flag("--drop-partial", settings.partial, PartialRows::leave_out,
           "Leave out rows of windows that are open at the end of the input");
  app.flag("--watermarks", settings.watermarks, Watermarks::write,
           "Write a watermark line after the rows of windows that close, for filters further down the pipe");
  app.flag("--stats", settings.statistics, Statistics::report, "Report at the end where the records went").may_change();
  app.flag("--partial", settings.partials,
           "Write what the aggregates are made of, for win-agg --merge: of a part of the records of each window");
  app.flag("--merge", settings.merges,
           "The records are rows of win-agg --partial, from any number of processes: write the rows of all their "
           "records");
  app.group("Aggregates");
  app.list("--by", settings.by,
           "Fields that make the key, each with 'as NAME' or not; hour_of_day, day_of_week … are parts of the time in "
           "--tz")
      .metavar("FIELD,…");
  app.list("--local", settings.local,
           "Also write these of the window's start by the clock of --tz: local_date, local_hour")
      .metavar("date,hour");
  app.option(
         "--agg", settings.aggregates,
         "Aggregates: count() count(FIELD|CONDITION) sum avg min max range first last delta rate stddev var stddev_pop "
         "var_pop twa median pNN distinct increase 'twa(FIELD) carry' 'integral(FIELD) per hour', each of a FIELD or "
         "*, optionally in round(…, N), with 'if CONDITION' and 'as NAME'")
      .metavar("LIST")
      .default_text("count, min, max, avg and last of every numeric field")
      .may_change();
  app.option("--having", settings.having,
             "Write only rows for which this condition over the columns holds, such as 'mean > 30 and n >= 5'")
      .metavar("CONDITION");
  app.option("--top", settings.top, "Write only this many rows of a window, those with the greatest values")
      .at_least(1);
  app.option("--top-by", settings.top_by, "Column that --top compares").metavar("COLUMN").default_text("the first");
  app.list("--top-per", settings.top_per, "Apply --top to each value of these fields of --by").metavar("FIELD,…");
  app.limit("--max-keys", settings.max_keys, "Most keys held; records of further keys are rejected");
  app.option("--max-fields", settings.max_fields, "Most numeric fields taken without --agg; further ones are left out")
      .at_least(1)
      .at_most(10000)
      .may_change();
  cli::define_event_time(app, settings.time);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::win_agg::WinAgg>(argc, argv, "win-agg",
                                                  "aggregates records over windows of event time", define_options);
}
