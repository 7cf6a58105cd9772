// thresh-alert: raises and resolves alerts by rules over records.
#include "cli/time_options.hpp"
#include "cli/trusted_file.hpp"
#include "pipeline/filter_main.hpp"
#include "thresh_alert.hpp"

namespace {

using namespace weir;
using namespace weir::thresh_alert;

void define_options(cli::App& app, Settings& settings) {
  app.example("thresh-alert --by city --rule 'temperature_c > 35' readings.ndjson",
              "Alert when a city gets hotter than 35 °C, and when that is over");
  app.example(
      "thresh-alert --by city --warn 'temperature_c > 30 clear <= 28' --crit 'temperature_c > 35 for 2h' "
      "readings.ndjson",
      "Two levels: a warning with hysteresis, and a critical one that has to last");
  app.example("thresh-alert --by city --rules alerts.toml readings.ndjson", "Rules from a file");
  app.group("Rules");
  app.option("--rule", settings.rules.rules,
             "A rule: [NAME:] CONDITION [for 5m] [for 3 of 5] [clear CONDITION [for 15m]] [keep 15m] [expire 1h] "
             "[absent for 10m] [cooldown 1h] [level critical], or `absent for 10m` alone")
      .metavar("RULE");
  app.option("--warn", settings.rules.warning, "Warning level of a rule with two levels").metavar("RULE");
  app.option("--crit", settings.rules.critical, "Critical level of the same rule; it wins").metavar("RULE");
  app.option("--name", settings.rules.name, "Name of the rule of --warn and --crit").metavar("NAME");
  app.option("--rules", settings.rules_file, "Read rules from this TOML file").file();
  app.group("Defaults for every rule of --rule, --warn and --crit");
  app.option("--for", settings.rules.defaults.hold,
             "Time for which a condition has to hold, in event time; also while the key has no record");
  app.option("--of", settings.rules.share, "How many of the last records have to breach: `3 of 5`").metavar("M of N");
  app.option("--clear", settings.rules.defaults.clear,
             "Condition that ends an alert, or a comparison without its left side, such as `<= 33`; perhaps with `for "
             "15m`")
      .metavar("CONDITION");
  app.option("--keep-firing", settings.rules.defaults.keep,
             "Shortest time from the last record that breaches to the end of an alert, against flapping");
  app.option("--expire", settings.rules.defaults.expire,
             "How long a record counts; a pending breach that gets no other one by then is dropped");
  app.option("--absent", settings.rules.defaults.absent,
             "A key without a record for longer than this is absent; needs records of other keys, or the source's "
             "--heartbeat");
  app.option("--cooldown", settings.rules.defaults.cooldown, "Shortest time between two firings of a key");
  app.option("--message", settings.rules.message,
             "Template of the message: {field}, {field:-otherwise}, {level}, {value} …")
      .metavar("TEXT")
      .may_change();
  app.group("Records");
  app.fields("--by", settings.by, "Fields that make the key; each key has alerts of its own");
  app.field("--parameter-field", settings.parameter_field,
            "Field with the parameter of a long record, for [parameter.NAME] of --rules");
  app.field("--value-field", settings.value_field, "Field with the value of a long record");
  app.option(
      "--lateness", settings.lateness,
      "How far records of different keys may be out of order before time counts for `for`, `clear for` and `absent`");
  app.late(settings.late, "Append late records, older than another of their key, to this file",
           "leave them out of the rules");
  app.limit("--max-keys", settings.max_keys,
            "Most keys held; quiet ones are forgotten, then records of further keys are rejected");
  cli::define_event_time(app, settings.time);
  app.group("What comes out");
  app.flag("--each", settings.memory, Memory::stateless, "Write an alert for each record that breaches, without state");
  app.flag("--annotate", settings.output, AlertOutput::annotate,
           "Write every record with its level; with --each, the level of that record alone");
  app.field("--level-field", settings.level_field, "Field that --annotate adds");
}

void read_rules_file(Settings& settings) {
  if (settings.rules_file.empty()) return;
  settings.rules_text = cli::read_option_file("--rules", settings.rules_file);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::thresh_alert::ThreshAlert>(
      argc, argv, "thresh-alert", "raises and resolves alerts by rules over records", define_options, read_rules_file);
}
