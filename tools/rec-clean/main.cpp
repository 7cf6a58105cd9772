// rec-clean: checks, repairs and shapes records.
#include "pipeline/filter_main.hpp"
#include "rec_clean.hpp"

namespace {

using namespace weir;
using clean::OutOfRange;

void define_options(cli::App& app, rec_clean::Settings& settings) {
  app.example("rec-clean --range humidity=0..100,temperature_c=-90..60 --require city readings.ndjson",
              "Reject what cannot be, with every reason");
  app.example(
      "rec-clean --set 'temperature_f = temperature_c * 9 / 5 + 32' --round temperature_f=1 --keep 'city == \"Oslo\"' "
      "readings.ndjson",
      "Compute a field, and keep some records");
  app.example("rec-clean --select 'timestamp as at,city,humidity' readings.ndjson", "Choose and rename members");

  app.group("Checks");
  app.list("--type", settings.types,
           "What a field's value is: number, integer, string, boolean, object, array; optionally with :null or :reject "
           "(the default). A string that holds a number becomes one")
      .metavar("FIELD=TYPE,…");
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
  app.option(
         "--parameter", settings.parameter,
         "Field that names what is measured: FIELD of --range is then a value of it, and the range holds for --value")
      .metavar("FIELD");
  app.option("--value", settings.value_field, "The field of the measured value, with --parameter").metavar("FIELD");
  app.list("--require", settings.require, "Fields that must be there, and not null, after all else").metavar("FIELD,…");

  app.group("Fields");
  app.option("--set", settings.sets, "Set a member to the value of an expression (weir-expr(7))").metavar("NAME=EXPR");
  app.list("--round", settings.rounds, "Round a number to so many decimals").metavar("FIELD=N,…");
  app.list("--rename", settings.renames, "Give a member another name").metavar("OLD=NEW,…");
  app.list("--select", settings.select, "Write only these fields, in this order, each perhaps with 'as NAME'")
      .metavar("FIELD,…");

  app.group("Choice");
  app.option("--keep", settings.keep, "Write only records for which this is true; again: and this")
      .metavar("CONDITION");
  app.option("--drop", settings.drop, "Leave out records for which this is true; again: or this").metavar("CONDITION");
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::rec_clean::RecClean>(argc, argv, "rec-clean", "checks, repairs and shapes records",
                                                      define_options);
}
