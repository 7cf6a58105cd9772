// cep-match: finds patterns in the order of a key's records.
#include "cep_match.hpp"
#include "cli/time_options.hpp"
#include "pipeline/filter_main.hpp"

namespace {

using namespace weir;
using cep_match::Timeouts;
using cep_match::WatermarkOf;

void define_options(cli::App& app, cep_match::Settings& settings) {
  app.example(
      "cep-match --by city --pattern 'calm then storm within 6h' --define 'calm: wind_speed < 2' --define 'storm: "
      "wind_speed > 7' --measure 'wind = storm.wind_speed' readings.ndjson",
      "Storms that come up within six hours");
  app.example(
      "cep-match --by city --pattern 'low next rise{3,}' --define 'low: true' --define 'rise: temperature_c > "
      "prev(temperature_c) + 1' --measure 'degrees = last(rise.temperature_c) - low.temperature_c' readings.ndjson",
      "Three records or more of which each is warmer than the one before by a degree");
  app.example(
      "cep-match --match-recognize 'PARTITION BY city PATTERN (A UP{8,}) DEFINE UP AS temperature_c > "
      "PREV(temperature_c)' readings.ndjson",
      "The clauses of SQL: a record, and eight or more of which each is warmer than the one before");
  app.group("Pattern");
  app.option("--pattern", settings.pattern, "Steps in their order: 'a then b+ then not c within 10m'")
      .metavar("PATTERN");
  app.option("--define", settings.define, "What a step is: 'NAME: CONDITION', over its record and earlier steps")
      .metavar("DEFINITION");
  app.option("--measure", settings.measures, "A field of a match: 'NAME = EXPRESSION'").metavar("MEASURE");
  app.option("--skip", settings.skip,
             "Where the search goes on after a match: past-last, next-row, first:NAME, last:NAME; or none: every match "
             "of every beginning")
      .metavar("MODE");
  app.option("--match-recognize", settings.match_recognize, "Instead: the clauses of SQL's MATCH_RECOGNIZE")
      .metavar("CLAUSES");
  app.fields("--by", settings.by, "Fields that make the key of a record");
  app.group("Matches");
  app.flag("--all-rows", settings.rows, cep_match::Rows::all,
           "Write the records of a match, each with its step and the measures up to it, in place of one row");
  app.flag("--timeouts", settings.timeouts, Timeouts::write,
           "Write partial matches too when their time is up; every row has timed_out");
  app.group("Order");
  app.option("--lateness", settings.lateness,
             "How far out of order records may come: the watermark is the greatest time minus this")
      .may_change();
  app.choice("--watermark", settings.watermark,
             {{"stream", WatermarkOf::stream}, {"key", WatermarkOf::key}, {"input", WatermarkOf::input}},
             "One watermark for all records; one for each key; or the watermark lines of the source alone");
  app.late(settings.late, "Append late records to this file");
  app.limit("--max-keys", settings.max_keys, "Most keys held; records of further keys are rejected");
  app.limit("--max-records", settings.max_records, "Most records held of a key; its partial matches are given up then");
  app.limit("--max-threads", settings.max_threads,
            "Most ways of matching of one beginning, and partial matches of a key");
  app.size("--max-held", settings.max_held, "Memory for the records and partial matches of all keys").may_change();
  cli::define_event_time(app, settings.time);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::cep_match::CepMatch>(argc, argv, "cep-match",
                                                      "finds patterns in the order of a key's records", define_options);
}
