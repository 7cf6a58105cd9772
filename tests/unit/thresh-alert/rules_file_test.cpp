#include "rules_file.hpp"

#include "catch.hpp"
#include "config/toml_file.hpp"

using namespace weir;
using namespace weir::thresh_alert;
using namespace std::chrono_literals;

namespace {

std::vector<Rule> read(const std::string& text) { return read_rules(text, "rules.toml", "value"); }

std::string wrong(const std::string& text) {
  try {
    read(text);
  } catch (const ConfigError& error) {
    const std::string message = error.what();
    return message.substr(0, message.find('\n'));
  }
  return "read";
}

}  // namespace

TEST_CASE("a parameter's numbers are strict limits of the value field") {
  const auto rules = read(R"([parameter.BOD]
warning = 30
critical = 100.5
for = "5m"
message = "{parameter} {value}"
[parameter."odd name"]
critical = 1
absent = "1h"
cooldown = "2h"
)");
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].name == "BOD");
  CHECK(rules[0].parameter == "BOD");
  REQUIRE(rules[0].levels.size() == 2);
  CHECK(rules[0].levels[0].when.text() == "value > 30");
  CHECK(rules[0].levels[1].when.text() == "value > 100.5");
  CHECK(rules[0].levels[1].hold == 5min);
  CHECK(rules[0].message);
  CHECK(rules[1].parameter == "odd name");
  CHECK(rules[1].absent == 1h);
  CHECK(rules[1].cooldown == 2h);
}

TEST_CASE("levels are numbers, strings or tables") {
  const auto rules = read(R"([[rule]]
name = "ph"
field = "water.ph"
warning = {min = 6.5, max = 9, for = "10m", clear = "water.ph >= 7 and water.ph <= 8.5"}
critical = {max = 10, clear = 9.5, of = "2 of 3"}
[[rule]]
field = "level"
warning = {min = 2, clear = 2.5}
[[rule]]
when = "current < 0.5 * baseline and connected == true for 1m"
level = "critical"
clear = ">= 5"
[[rule]]
warning = "a > 1 for 5m clear <= 0"
critical = "a > 2"
for = "1m"
[[rule]]
absent = "10m"
)");
  REQUIRE(rules.size() == 5);
  CHECK(rules[0].levels[0].when.text() == "water.ph < 6.5 or water.ph > 9");
  CHECK(rules[0].levels[0].hold == 10min);
  CHECK(rules[0].levels[1].clear->text() == "(water.ph) <= 9.5");
  CHECK(rules[0].levels[1].share.among == 3);
  CHECK(rules[1].name == "level < 2");
  CHECK(rules[1].levels[0].clear->text() == "(level) >= 2.5");
  CHECK(rules[2].levels[0].level == Level::critical);
  CHECK(rules[2].levels[0].hold == 1min);
  CHECK(rules[2].levels[0].clear->text() == "(current) >= 5");
  CHECK(rules[3].levels[0].hold == 5min);
  CHECK(rules[3].levels[1].hold == 1min);
  CHECK(rules[4].name == "absent for 10m");
}

TEST_CASE("every error is reported with its line") {
  CHECK(wrong("") == "rules.toml: no rules: expected [parameter.NAME] or [[rule]]");
  CHECK(wrong("[parameter.BOD]\nwarning = 30\ncritcal = 100\n") ==
        "rules.toml:3: unknown key `critcal` in a parameter; there are name, warning, critical, for, of, clear, "
        "keep, expire, absent, cooldown, "
        "message, message_resolved, message_absent");
  CHECK(wrong("[paramter.BOD]\nwarning = 30\n") ==
        "rules.toml:1: unknown key `paramter` in the file; there are parameter, rule");
  CHECK(wrong("[parameter.BOD]\n") == "rules.toml:1: a parameter needs `warning`, `critical` or `absent`");
  CHECK(wrong("[parameter.BOD]\nwarning = true\n") ==
        "rules.toml:2: a level (or a number, or a string) must be a table");
  CHECK(wrong("[parameter.BOD]\nwarning = inf\n") == "rules.toml:2: a limit must be finite");
  CHECK(wrong("[parameter.BOD]\nwarning = {min = \"1\"}\n") == "rules.toml:2: min must be a number");
  CHECK(wrong("[parameter.BOD]\nwarning = {}\n") ==
        "rules.toml:2: a level has either `when`, or `min` and `max` or one of them");
  CHECK(wrong("[parameter.BOD]\nwarning = {min = 1, max = 2, clear = 3}\n") ==
        "rules.toml:2: clear as a number goes with one limit; write the condition as a string");
  CHECK(wrong("[parameter.BOD]\nwarning = 1\nfor = 5\n") ==
        "rules.toml:3: for must be a duration with its unit, such as \"5m\"");
  CHECK(wrong("[parameter.BOD]\nwarning = 1\nof = \"5\"\n") ==
        "rules.toml:3: expected `of`, as in `3 of 5`, at column 2");
  CHECK(wrong("[parameter.BOD]\nwarning = 1\nclear = 5\n") ==
        "rules.toml:3: clear as a number belongs to a level: warning = {max = 30, clear = 25}");
  CHECK(wrong("[parameter.BOD]\nwarning = 1\nmessage = \"{x\"\n") ==
        "rules.toml:3: a { that is not closed (write {{ for the character itself)");
  CHECK(wrong("[[rule]]\nwarning = 1\n") == "rules.toml:2: a limit needs `field`, the field that it is for");
  CHECK(wrong("[[rule]]\nwhen = \"a >\"\n") ==
        "rules.toml:2: expected a field, a number or a string, but the text ends, at column 4");
  CHECK(wrong("[[rule]]\nwhen = \"a > 1\"\nwarning = 3\n") ==
        "rules.toml:2: a rule has either `when` or `warning` and `critical`");
  CHECK(wrong("[[rule]]\nwarning = \"a > 1 cooldown 5m\"\n") ==
        "rules.toml:2: a level takes a condition with for, M of N and clear; the rest belongs to the rule");
  CHECK(wrong("[[rule]]\nwhen = \"a > 1\"\nlevel = \"bad\"\n") == "rules.toml:3: level is \"warning\" or \"critical\"");
  CHECK(wrong("[[rule]]\nwhen = \"a > 1\"\n[[rule]]\nwhen = \"a > 1\"\n") ==
        "rules.toml:3: a second rule `a > 1`: give it a `name`");
  CHECK(wrong("[rule]\nwhen = \"a > 1\"\n") == "rules.toml:1: a rule is written [[rule]]");
  CHECK(wrong("[[rule]]\nwhen = \"a > 1\n").starts_with("rules.toml:2: "));
}
