// thresh-alert: raises and resolves alerts by rules over records.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "cli/app.hpp"
#include "cli/time_options.hpp"
#include "pipeline/run.hpp"
#include "rules_file.hpp"
#include "thresh_alert.hpp"

namespace {

using namespace weir;
using namespace weir::thresh_alert;

struct Options {
  std::vector<std::string> rules;
  std::string warning;
  std::string critical;
  std::string name;
  std::string rules_file;
  std::optional<Duration> hold;
  std::string share;
  std::string clear;
  std::optional<Duration> absent;
  std::optional<Duration> cooldown;
  std::string message;
  std::vector<std::string> by;
  std::string parameter_field = "parameter";
  std::string value_field = "value";
  bool each = false;
  bool annotate = false;
  std::string level_field = "level";
  std::string late;
  Duration lateness{0};
  std::uint64_t max_keys = 1'000'000;
  cli::TimeOptions time;
  InputOptions input;
  OutputOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example("thresh-alert --by city --rule 'temperature_c > 35' readings.ndjson",
              "Alert when a city gets hotter than 35 °C, and when that is over");
  app.example(
      "thresh-alert --by city --warn 'temperature_c > 30 clear <= 28' --crit 'temperature_c > 35 for 2h' "
      "readings.ndjson",
      "Two levels: a warning with hysteresis, and a critical one that has to last");
  app.example("thresh-alert --by city --rules alerts.toml readings.ndjson", "Rules from a file");
  app.group("Rules");
  app.option(
         "--rule", options.rules,
         "A condition and what goes with it: CONDITION [for 5m] [for 3 of 5] [clear CONDITION] [absent for 10m] "
         "[cooldown 1h] [level critical], or `absent for 10m` alone; `NAME:` may stand before it. Again for each rule")
      .metavar("RULE");
  app.option("--warn", options.warning, "The warning level of a rule of two levels").metavar("RULE");
  app.option("--crit", options.critical, "Its critical level, which wins").metavar("RULE");
  app.option("--name", options.name, "The name of the rule of --warn and --crit").metavar("NAME");
  app.option("--rules", options.rules_file, "Rules from a TOML file").metavar("FILE").file();
  app.group("For every rule of --rule, --warn and --crit that does not say it itself");
  app.option("--for", options.hold, "How long a condition has to hold, in event time");
  app.option("--of", options.share, "How many of the last records have to breach, such as `3 of 5`").metavar("M of N");
  app.option("--clear", options.clear,
             "What ends an alert: a condition, or a comparison without its left side, such as `<= 33`")
      .metavar("CONDITION");
  app.option("--absent", options.absent, "A key of which there is no record for longer than this is absent");
  app.option("--cooldown", options.cooldown, "The shortest time from one firing of a key to its next");
  app.option("--message", options.message, "Template of the message: {field}, {field:-otherwise}, {level}, {value} …")
      .metavar("TEXT")
      .may_change();
  app.group("Records");
  app.list("--by", options.by, "Fields whose values tell the keys apart, each with alerts of its own")
      .metavar("FIELDS");
  app.option("--parameter-field", options.parameter_field,
             "Where long records name what was measured, for [parameter.NAME] of --rules")
      .metavar("FIELD");
  app.option("--value-field", options.value_field, "Where they have its value").metavar("FIELD");
  app.option("--lateness", options.lateness,
             "How far records of different keys may be out of order, before a silence counts as absence");
  app.option("--late", options.late, "Append records older than one before of their key to this file")
      .metavar("FILE")
      .file()
      .may_change();
  app.option("--max-keys", options.max_keys, "Keys that are held at a time; then quiet ones are forgotten for new ones")
      .at_least(1)
      .at_most(100'000'000)
      .may_change();
  options.time.define(app);
  app.group("What comes out");
  app.flag("--each", options.each, "One alert for each record that breaches, without any state");
  app.flag("--annotate", options.annotate,
           "Every record, with its level added; with --each, the level of that record alone");
  app.option("--level-field", options.level_field, "The field that --annotate adds").metavar("FIELD");
  options.input.define(app);
  options.output.define(app);
}

/// Throws RuleError.
std::vector<Rule> rules_of(const Options& options) {
  RuleOptions given{options.rules, options.warning, options.critical, options.name, options.message, {}};
  given.defaults.hold = options.hold;
  if (!options.share.empty()) given.defaults.share = parse_share(options.share);
  if (!options.clear.empty()) given.defaults.clear = options.clear;
  given.defaults.absent = options.absent;
  given.defaults.cooldown = options.cooldown;
  return make_rules(given);
}

void validate(const Options& options) {
  try {
    if (rules_of(options).empty() && options.rules_file.empty())
      throw cli::UsageError("no rule: give --rule, --warn, --crit, --absent or --rules");
  } catch (const RuleError& error) {
    throw cli::UsageError(error.what());
  }
  for (const std::string& field : options.by)
    if (ThreshAlert::is_alert_member(field))
      throw cli::UsageError("--by " + field + ": an alert has a member of that name already");
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) throw cli::UsageError("--rules: cannot read " + path);
  return text;
}

ThreshAlertSettings settings_of(const Options& options) {
  ThreshAlertSettings settings;
  settings.rules = rules_of(options);
  if (!options.rules_file.empty()) {
    auto rules = read_rules(text_of(options.rules_file), options.rules_file, options.value_field);
    std::move(rules.begin(), rules.end(), std::back_inserter(settings.rules));
  }
  settings.by = options.by;
  settings.time_field = options.time.field;
  settings.time_parser = options.time.parser();
  settings.parameter_field = options.parameter_field;
  settings.level_field = options.level_field;
  settings.output = options.annotate ? AlertOutput::annotate
                    : options.each   ? AlertOutput::each
                                     : AlertOutput::transitions;
  settings.memory = options.each ? Memory::stateless : Memory::stateful;
  settings.lateness = options.lateness;
  settings.max_keys = options.max_keys;
  return settings;
}

cli::Exit run(const Options& options, cli::Context& context) {
  std::optional<ThreshAlert> stage;
  try {
    stage.emplace(settings_of(options));
  } catch (const RuleError& error) {
    throw cli::UsageError(error.what());
  } catch (const std::invalid_argument& error) {  // a field path that is none
    throw cli::UsageError(error.what());
  }
  return run_filter(*stage, options.input, options.output, context, {options.late});
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "thresh-alert", "raises and resolves alerts by rules over records",
                                     define_options, validate, run);
}
