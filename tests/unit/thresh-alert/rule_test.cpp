#include "rule.hpp"

#include "catch.hpp"

using namespace weir;
using namespace weir::thresh_alert;
using namespace std::chrono_literals;

namespace {

std::string wrong(const std::string& text, const Clauses& defaults = {}) {
  try {
    make_rule(text, defaults);
  } catch (const RuleError& error) {
    const std::string message = error.what();
    return message.substr(0, message.find('\n'));
  }
  return "read";
}

}  // namespace

TEST_CASE("a rule's text: name, condition, clauses in any order") {
  const Rule rule = make_rule(
      "too-hot: t > 35 and not wet for 5m clear <= 33 and t < 40 cooldown 1h 3 of 5 absent for 10m level critical", {});
  CHECK(rule.name == "too-hot");
  REQUIRE(rule.levels.size() == 1);
  const LevelRule& level = rule.levels[0];
  CHECK(level.when.text() == "t > 35 and not wet");
  CHECK(level.clear->text() == "(t) <= 33 and t < 40");
  CHECK(level.hold == 5min);
  CHECK(level.share.needed == 3);
  CHECK(level.share.among == 5);
  CHECK(level.level == Level::critical);
  CHECK(rule.absent == 10min);
  CHECK(rule.cooldown == 1h);
  CHECK(make_rule("  t > 35  ", {}).name == "t > 35");
  CHECK(make_rule("t > 35 for 3 of 5 for 5m", {}).levels[0].share.among == 5);
}

TEST_CASE("absence alone is a rule") {
  const Rule rule = make_rule("gone: absent for 90s cooldown 1h", {});
  CHECK(rule.name == "gone");
  CHECK(rule.levels.empty());
  CHECK(rule.absent == 90s);
  CHECK(make_rule("absent for 90s", {}).name == "absent for 1m30s");
  // A name such as this is a field where `for` does not follow.
  CHECK(make_rule("absent > 3", {}).levels.size() == 1);
}

TEST_CASE("clear without a left side takes the rule's") {
  CHECK(make_rule("a + b > 3 clear < 2", {}).levels[0].clear->text() == "(a + b) < 2");
  CHECK(make_rule("3 < a clear < 2", {}).levels[0].clear->text() == "(a) < 2");
  CHECK(make_rule("a > 3 clear b == null", {}).levels[0].clear->text() == "b == null");
  CHECK(wrong("connected clear < 2") == "`clear < 2` needs a comparison in `connected`: write the whole condition");
}

TEST_CASE("missing clauses of a rule come from the defaults") {
  Clauses defaults;
  defaults.hold = 1min;
  defaults.clear = "<= 1";
  defaults.cooldown = 2min;
  const Rule rule = make_rule("a > 3 for 5m", defaults);
  CHECK(rule.levels[0].hold == 5min);
  CHECK(rule.levels[0].clear->text() == "(a) <= 1");
  CHECK(rule.cooldown == 2min);
}

TEST_CASE("two levels make one rule") {
  const Rule rule = make_rule("hot: t > 30 for 5m", "t > 35 cooldown 1h", {});
  CHECK(rule.name == "hot");
  REQUIRE(rule.levels.size() == 2);
  CHECK(rule.levels[0].level == Level::warning);
  CHECK(rule.levels[1].level == Level::critical);
  CHECK(rule.levels[1].hold == 0s);
  CHECK(rule.cooldown == 1h);
  CHECK(make_rule("t > 30", "t > 35", {}).name == "t > 30, t > 35");
  CHECK(make_rule("", "t > 35", {}).levels.size() == 1);
  CHECK_THROWS_AS(make_rule("a: t > 30", "b: t > 35", {}), RuleError);
  CHECK_THROWS_AS(make_rule("t > 30 level critical", "", {}), RuleError);
  CHECK_THROWS_AS(make_rule("absent for 5m", "", {}), RuleError);
}

TEST_CASE("a rule that cannot be read has its reason") {
  CHECK(wrong("t > 35 for") == "expected a duration with its unit, such as 90s or 5m, at column 11");
  CHECK(wrong("t > 35 for ever") == "expected a duration with its unit, such as 90s or 5m, at column 12");
  CHECK(wrong("t > 35 for 5x") == "expected a duration with its unit, such as 90s or 5m, at column 12");
  CHECK(wrong("t > 35 for 5m for 6m") == "a second `for`, at column 15");
  CHECK(wrong("t > 35 6 of 5") == "M of N needs M <= N, at column 8");
  CHECK(wrong("t > 35 0 of 5") == "expected a count from 1 to 64, at column 8");
  CHECK(wrong("t > 35 1 of 65") == "expected a count from 1 to 64, at column 13");
  CHECK(wrong("t > 35 1.5 of 5") == "expected a count from 1 to 64, at column 8");
  CHECK(wrong("t > 35 absent 10m") == "expected `absent for` and a duration, at column 15");
  CHECK(wrong("t > 35 level bad") == "expected `warning` or `critical`, at column 14");
  CHECK(wrong("t > 35 clear t") == "read");
  CHECK(wrong("t > 35 clear t + 1") == "a number where true or false is needed, at column 14");
  CHECK(wrong("t > 35 clear <=") == "expected a field, a number or a string, but the text ends, at column 16");
  CHECK(wrong("t > 35 and") == "expected a field, a number or a string, but the text ends, at column 11");
  CHECK(wrong("t > 35)") == "a closing parenthesis without an opening one, at column 7");
  CHECK(wrong("t > 35 sometimes") ==
        "expected an operator, or one of for, clear, keep, expire, absent, cooldown, level, at column 8");
  CHECK(wrong("t > 35 for 5") == "for 5 what? Write `for 5m` or `for 5 of N`, at column 12");
  CHECK(wrong("t > 35 clear < 3 for 5") == "for 5 what? Write `for 5m` or `for 5 of N`, at column 22");
  CHECK(wrong("t > 35 clear for") == "expected a duration with its unit, such as 90s or 5m, at column 14");
  CHECK(wrong("absent for 5m keep 5m") == "`absent for` without a condition takes only `cooldown`");
  CHECK(wrong("absent for 5m for 5m") == "`absent for` without a condition takes only `cooldown`");
  CHECK(wrong("") == "expected a field, a number or a string, but the text ends");
  CHECK(wrong("x:") == "expected a field, a number or a string, but the text ends, at column 3");
}

TEST_CASE("a field is spelled so that it reads back") {
  CHECK(spell_field("temperature_c") == "temperature_c");
  CHECK(spell_field("location.lat") == "location.lat");
  CHECK(spell_field("odd name.x") == "`odd name`.x");
  CHECK(spell_field("a\\.b") == "`a.b`");
  CHECK(spell_field("not") == "`not`");
  CHECK(spell_field("tick`") == "`tick```");
  for (const char* path : {"a.b", "odd name.x", "a\\.b", "not", "tick`", "7"})
    CHECK(expr::Expression::compile(spell_field(path)).fields() == std::vector<std::string>{path});
}

TEST_CASE("a duration after clear belongs to it") {
  const auto level = [](const char* text, const Clauses& defaults = {}) {
    return make_rule(text, defaults).levels.at(0);
  };
  const LevelRule both = level("t > 35 for 5m clear t < 30 for 15m keep 2m expire 1h");
  CHECK(both.hold == std::chrono::minutes(5));
  CHECK(both.clear->text() == "t < 30");
  CHECK(both.clear_hold == std::chrono::minutes(15));
  CHECK(both.keep == std::chrono::minutes(2));
  CHECK(both.expire == std::chrono::hours(1));
  const LevelRule short_one = level("t > 35 clear < 30 for 15m for 5m");
  CHECK(short_one.hold == std::chrono::minutes(5));
  CHECK(short_one.clear_hold == std::chrono::minutes(15));
  const LevelRule bare = level("t > 35 clear for 15m 2 of 3");
  CHECK_FALSE(bare.clear);
  CHECK(bare.clear_hold == std::chrono::minutes(15));
  CHECK(bare.share.among == 3);
  Clauses defaults;
  defaults.clear = "<= 30 for 1m";
  CHECK(level("t > 35", defaults).clear_hold == std::chrono::minutes(1));
  defaults.clear = "for 2m";
  CHECK(level("t > 35", defaults).clear_hold == std::chrono::minutes(2));
  defaults.clear = "< 30 for 1m for";
  CHECK_THROWS_AS(level("t > 35", defaults), RuleError);
}
