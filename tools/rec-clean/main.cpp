// rec-clean: checks, repairs, completes and shapes records.
#include "cli/time_options.hpp"
#include "cli/trusted_file.hpp"
#include "pipeline/filter_main.hpp"
#include "rec_clean.hpp"

namespace {

using namespace weir;
using clean::OutOfRange;
using rec_clean::FlagDetail;
using rec_clean::Settings;

void define_quality(cli::App& app, rec_clean::QualitySettings& quality) {
  app.group("Quality, in event time");
  app.option("--qc", quality.tests,
             "QARTOD's tests of a field, or of a value of --parameter, as in `value: range 0..14 suspect 6..9; spike "
             "0.5 1.5; rate "
             "0.1/1m 0.5/1m; flat 1h 3h within 0.01; gap 30m`. Of two thresholds the first is for suspect, the second "
             "for fail")
      .metavar("TESTS");
  app.option("--qc-suffix", quality.suffix, "What follows a field's name in that of its flag").metavar("TEXT");
  app.field("--qc-field", quality.name, "The flag of all fields together");
  app.flag("--qc-detail", quality.detail, FlagDetail::each_test, "Write a flag for each test, too");
}

void define_gaps(cli::App& app, Settings& settings) {
  rec_clean::QualitySettings& quality = settings.quality;
  app.group("Gaps, in event time");
  app.list("--fill", settings.gaps.fields,
           "Fill unknown values between two known ones of a key: on the line between them, or with the one before")
      .metavar("FIELD=linear|last,…");
  app.option("--max-gap", settings.gaps.max_gap, "The longest time between two known values that is filled")
      .default_text("none");
  app.option("--every", settings.gaps.every, "Make the records that are missing at this distance, too")
      .default_text("off");
  app.group("Series, for quality and gaps");
  app.fields("--by", quality.by, "Fields that make the key; each key is a series of its own");
  app.late(quality.late, "Append late records, older than another of their key, to this file too", "only write them");
  app.size_limit("--max-held", quality.max_held, "Memory for records that wait for the next value of their key");
  app.limit("--max-keys", quality.max_keys, "Most keys held; records of further keys are rejected");
  cli::define_event_time(app, quality.time);
}

void define_options(cli::App& app, Settings& settings) {
  app.example("rec-clean --range humidity=0..100,temperature_c=-90..60 --require city readings.ndjson",
              "Reject what cannot be, with every reason");
  app.example(
      "rec-clean --set 'temperature_f = temperature_c * 9 / 5 + 32' --round temperature_f=1 --keep 'city == \"Oslo\"' "
      "readings.ndjson",
      "Compute a field, and keep some records");
  app.example("rec-clean --select 'timestamp as at,city,humidity' readings.ndjson", "Choose and rename members");

  app.example("rec-clean --schema reading.schema.json readings.ndjson", "Reject what a JSON Schema does not allow");
  app.example(
      "rec-clean --by city --qc 'temperature_c: range -60..50 suspect -30..35; spike 3 8; rate 5/1h 15/1h' "
      "readings.ndjson",
      "Flags of quality beside the values: 1 good, 3 suspect, 4 fail");
  app.example("rec-clean --by city --fill temperature_c=linear --max-gap 3h readings.ndjson",
              "Gaps of up to three hours filled");

  app.group("Checks");
  app.option("--rules", settings.rules_file,
             "Read types, units, ranges and tests from this TOML file, for each field, parameter and key")
      .file();
  app.option("--schema", settings.schema_file, "Reject records that are not as this JSON Schema asks (draft 4, 6 or 7)")
      .file();
  app.list("--type", settings.types,
           "What a field's value is: number, integer, string, boolean, object, array; optionally with :null or :reject "
           "(the default). A string that holds a number becomes one")
      .metavar("FIELD=TYPE,…");
  app.list("--convert", settings.conversions,
           "Convert a unit: into a new field by the ends of both names (temperature_f->temperature_c), in place "
           "(value:degF->degC), or from the unit in another field (value[unit]->degC)")
      .metavar("CONVERSION,…");
  app.list("--range", settings.ranges,
           "What a field's number may be: LOW..HIGH, either limit optional; optionally with :reject, :null, :clamp or "
           ":flag")
      .metavar("FIELD=RANGE,…");
  app.choice("--out-of-range", settings.out_of_range,
             {{"reject", OutOfRange::reject},
              {"null", OutOfRange::set_null},
              {"clamp", OutOfRange::clamp},
              {"flag", OutOfRange::flag}},
             "What becomes of a value out of its range, without an action of its --range");
  app.field(
      "--parameter", settings.parameter,
      "Field that names what is measured: FIELD of --range is then a value of it, and the range holds for --value");
  app.field("--value", settings.value_field, "The field of the measured value, with --parameter");
  app.fields("--require", settings.require, "Fields that must be there, and not null, after all else");
  app.flag("--not-empty", settings.not_empty, "An empty text will not do for --require");

  define_quality(app, settings.quality);
  define_gaps(app, settings);
  app.group("Fields");
  app.option("--set", settings.sets, "Set a member to the value of an expression (weir-expr(7))").metavar("NAME=EXPR");
  app.list("--round", settings.rounds, "Round a number to so many decimals").metavar("FIELD=N,…");
  app.list("--rename", settings.renames, "Give a member another name").metavar("OLD=NEW,…");
  app.fields("--select", settings.select, "Write only these fields, in this order, each perhaps with 'as NAME'");

  app.group("Choice");
  app.option("--keep", settings.keep, "Write only records for which this is true; again: and this")
      .metavar("CONDITION");
  app.option("--drop", settings.drop, "Leave out records for which this is true; again: or this").metavar("CONDITION");
}

void read_files(Settings& settings) {
  if (!settings.rules_file.empty()) settings.rules_text = cli::read_option_file("--rules", settings.rules_file);
  if (!settings.schema_file.empty()) settings.schema_text = cli::read_option_file("--schema", settings.schema_file);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::rec_clean::RecClean>(
      argc, argv, "rec-clean", "checks, repairs, completes and shapes records", define_options, read_files);
}
