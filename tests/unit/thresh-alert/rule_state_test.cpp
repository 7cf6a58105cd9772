#include "rule_state.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace weir;
using namespace weir::thresh_alert;
using namespace std::chrono_literals;

namespace {

constexpr Time start{std::chrono::hours(490'000)};

/// Feeds a rule over `v` with values, one a minute, and lists the changes: `3:warning(2)` is a firing at minute 3 that
/// began at minute 2; `-` is resolved.
class Machine {
 public:
  explicit Machine(Rule rule) : rule_(std::move(rule)) {
    for (LevelRule& level : rule_.levels) {
      level.when.bind(fields_);
      if (level.clear) level.clear->bind(fields_);
    }
  }
  explicit Machine(const std::string& rule) : Machine(make_rule(rule, {})) {}

  /// A value, or nothing where it is unknown.
  Machine& at(int minute, std::optional<double> v) {
    std::vector<Seen> seen;
    for (const LevelRule& level : rule_.levels) {
      seen.push_back({truth(level.when, v), level.clear ? truth(*level.clear, v) : Truth::unknown});
    }
    REQUIRE_FALSE(state_.is_late(start + std::chrono::minutes(minute)));
    until(minute);
    note(state_.observe(rule_, start + std::chrono::minutes(minute), seen));
    return *this;
  }
  Machine& values(std::initializer_list<double> list) {
    for (const double v : list) at(minute_++, v);
    return *this;
  }
  /// Time passes without a record.
  Machine& until(int minute) {
    while (state_.due(rule_) < start + std::chrono::minutes(minute)) note(state_.pass(rule_));
    return *this;
  }
  const std::string& story() const { return story_; }
  const RuleState& state() const { return state_; }
  const Rule& rule() const { return rule_; }

 private:
  static Truth truth(const expr::Expression& expression, std::optional<double> v) {
    const expr::Result operand = v ? expr::Result::of(*v) : expr::Result();
    const expr::Result result = expression.test(std::span(&operand, 1));
    REQUIRE_FALSE(result.failed());
    return result.type == expr::Type::null ? Truth::unknown : result.truth ? Truth::yes : Truth::no;
  }
  void note(const std::optional<Transition>& change) {
    if (!change) return;
    const auto minute = [](Time time) { return std::to_string((time - start) / 1min); };
    if (!story_.empty()) story_ += ' ';
    story_ += minute(change->time) + ":" + (change->to == Level::ok ? "-" : std::string(name_of(change->to))) + "(" +
              minute(change->since) + ")";
  }

  Rule rule_;
  FieldSet fields_;
  RuleState state_;
  int minute_ = 0;
  std::string story_;
};

Machine two_levels(const std::string& warning, const std::string& critical) {
  return Machine(make_rule(warning, critical, {}));
}

}  // namespace

TEST_CASE("a rule fires at the first breach and is over at the first record that is none") {
  CHECK(Machine("v > 35").values({30, 36, 37, 35, 36}).story() == "1:warning(1) 3:-(1) 4:warning(4)");
  CHECK(Machine("v > 35 level critical").values({36, 1}).story() == "0:critical(0) 1:-(0)");
}

TEST_CASE("hysteresis: only the clear condition ends it") {
  CHECK(Machine("v > 35 clear <= 33").values({36, 34, 35, 36, 33.5, 33, 34, 35, 36}).story() ==
        "0:warning(0) 5:-(0) 8:warning(8)");
  // A clear condition has no effect while the rule's condition holds.
  CHECK(Machine("v > 35 clear <= 40").values({36, 39, 41, 35}).story() == "0:warning(0) 3:-(0)");
  CHECK(Machine("35 < v clear <= 33").values({36, 34, 33}).story() == "0:warning(0) 2:-(0)");
}

TEST_CASE("for: the breach has to last in event time, and began when it began") {
  CHECK(Machine("v > 35 for 3m").values({36, 36, 36, 36, 30}).story() == "3:warning(0) 4:-(0)");
  CHECK(Machine("v > 35 for 3m").values({36, 36, 30, 36, 36, 36, 36}).story() == "6:warning(3)");
  CHECK(Machine("v > 35 for 3m").at(0, 36).at(60, 36).story() == "3:warning(0)");
  CHECK(Machine("v > 35 for 3m").at(0, 36).at(60, 30).story() == "3:warning(0) 60:-(0)");
  CHECK(Machine("v > 35 for 3m").at(0, 36).at(3, 30).until(60).story().empty());
  CHECK(Machine("v > 35 for 3m").at(0, 36).until(3).story().empty());  // a record of minute 3 may still end it
  CHECK(Machine("v > 35 for 3m").at(0, 36).at(3, {}).until(4).story() == "3:warning(0)");
  CHECK(Machine("v > 35 for 3m clear <= 33").values({36, 36, 36, 36, 34, 33, 36}).story() == "3:warning(0) 5:-(0)");
}

TEST_CASE("expire: a pending breach needs a record at least that often") {
  CHECK(Machine("v > 35 for 9m expire 4m").at(0, 36).at(4, 36).at(8, 36).until(60).story() == "9:warning(0)");
  CHECK(Machine("v > 35 for 9m expire 4m").at(0, 36).at(4, 36).until(60).story().empty());
  CHECK(Machine("v > 35 for 9m expire 4m").at(0, 36).at(4, 36).at(9, 36).at(13, 36).at(17, 36).until(60).story() ==
        "18:warning(9)");
  // What is firing goes on; what would end it has to be new too.
  CHECK(Machine("v > 35 expire 4m").at(0, 36).until(60).at(61, 1).story() == "0:warning(0) 61:-(0)");
  CHECK(Machine("v > 35 clear < 30 for 9m expire 4m")
            .at(0, 36)
            .at(1, 1)
            .until(60)
            .at(61, 1)
            .at(65, 1)
            .at(69, 1)
            .until(99)
            .story() == "0:warning(0) 70:-(0)");
}

TEST_CASE("clear for: what ends an alert has to last") {
  CHECK(Machine("v > 35 clear < 33 for 3m").values({36, 32, 32, 32, 32, 36}).story() ==
        "0:warning(0) 4:-(0) 5:warning(5)");
  CHECK(Machine("v > 35 clear < 33 for 3m").values({36, 32, 34, 32, 36, 32, 32, 32}).until(60).story() ==
        "0:warning(0) 8:-(0)");
  CHECK(Machine("v > 35 clear for 3m").values({36, 32, 32, 36, 32}).until(60).story() == "0:warning(0) 7:-(0)");
  CHECK(Machine("v > 35 for 2m clear < 33 for 3m").at(0, 36).at(5, 32).until(60).story() == "2:warning(0) 8:-(0)");
  CHECK(Machine("v > 35 clear < 33 for 3m").at(0, 36).at(1, 32).at(2, {}).until(60).story() == "0:warning(0) 4:-(0)");
  CHECK(Machine("v > 35 clear < 33 for 30m absent for 10m").at(0, 36).at(1, 32).at(40, 32).until(45).story() ==
        "0:warning(0) 11:absent(0) 40:warning(0)");
}

TEST_CASE("keep: an alert lasts that long after the last record that breached") {
  CHECK(Machine("v > 35 keep 3m").values({36, 1, 36, 1, 1, 1}).story() == "0:warning(0) 5:-(0)");
  CHECK(Machine("v > 35 keep 3m").at(0, 36).at(1, 1).until(60).story() == "0:warning(0) 3:-(0)");
  CHECK(Machine("v > 35 keep 3m").at(0, 36).at(7, 1).story() == "0:warning(0) 7:-(0)");
  CHECK(Machine("v > 35 for 2m keep 5m").at(0, 36).at(3, 1).until(60).story() == "2:warning(0) 5:-(0)");
  CHECK(Machine("v > 35 keep 5m clear < 33 for 2m").values({36, 34, 32, 32, 32}).until(60).story() ==
        "0:warning(0) 6:-(0)");
}

TEST_CASE("M of N: so many of the last records") {
  CHECK(Machine("v > 35 for 3 of 5").values({36, 1, 36, 1, 36, 1, 1, 1}).story() == "4:warning(0) 5:-(0)");
  CHECK(Machine("v > 35 3 of 5").values({36, 1, 1, 36, 1, 36, 36}).story() == "6:warning(0)");
  CHECK(Machine("v > 35 3 of 5").values({36, 1, 1, 1, 1, 1, 36, 36, 36}).story() == "8:warning(6)");
  CHECK(Machine("v > 35 2 of 2 for 2m").values({36, 36, 36, 36}).story() == "3:warning(0)");
  CHECK(Machine("v > 35 2 of 3 clear < 20").values({36, 1, 36, 30, 30, 30, 10, 36, 36}).story() ==
        "2:warning(0) 6:-(0) 8:warning(7)");
  CHECK(Machine("v > 35 64 of 64").values(std::initializer_list<double>{36}).story().empty());
}

TEST_CASE("unknown values change nothing") {
  CHECK(Machine("v > 35").at(0, 36).at(1, {}).at(2, 36).at(3, 1).story() == "0:warning(0) 3:-(0)");
  CHECK(Machine("v > 35 for 2m").at(0, 36).at(1, {}).at(2, 36).story() == "2:warning(0)");
  CHECK(Machine("v > 35 2 of 2").at(0, 36).at(1, {}).at(2, 36).story() == "2:warning(0)");
}

TEST_CASE("two levels: critical wins, and each change is a transition") {
  CHECK(two_levels("v > 30", "v > 100").values({31, 101, 50, 30, 101, 0}).story() ==
        "0:warning(0) 1:critical(0) 2:warning(0) 3:-(0) 4:critical(4) 5:-(4)");
  CHECK(
      two_levels("v > 30 clear <= 20", "v > 100 for 2m clear <= 90").values({101, 101, 101, 95, 90, 25, 20}).story() ==
      "0:warning(0) 2:critical(0) 4:warning(0) 6:-(0)");
}

TEST_CASE("cooldown: the shortest time from firing to firing") {
  CHECK(Machine("v > 35 cooldown 5m").values({36, 1, 36, 1, 36, 36, 1, 36, 36, 36, 36}).story() ==
        "0:warning(0) 1:-(0) 5:warning(4) 6:-(4) 10:warning(7)");
  // What still breaches at its end fires without another record.
  CHECK(Machine("v > 35 cooldown 5m").at(0, 36).at(1, 1).at(3, 36).until(60).story() ==
        "0:warning(0) 1:-(0) 5:warning(3)");
}

TEST_CASE("absence: reported at its deadline, resolved when the key is back") {
  Machine machine("v > 35 for 12m absent for 10m");
  machine.at(0, 36);
  CHECK(machine.state().due(machine.rule()) == start + 10min);
  // What was pending before the gap is forgotten.
  CHECK(machine.at(30, 36).at(36, 36).at(42, 36).story() == "10:absent(0) 30:-(0) 42:warning(30)");
  // What was firing before it goes on.
  CHECK(Machine("v > 35 absent for 10m").at(0, 36).at(30, 37).at(31, 1).story() ==
        "0:warning(0) 10:absent(0) 30:warning(0) 31:-(0)");
  CHECK(Machine("v > 35 for 2m absent for 10m").at(0, 36).until(60).story() == "2:warning(0) 10:absent(0)");
  CHECK(Machine("absent for 10m").at(0, {}).at(30, {}).story() == "10:absent(0) 30:-(0)");
}

TEST_CASE("absence waits for the cooldown") {
  Machine machine("absent for 10m cooldown 1h");
  machine.at(0, {}).at(20, {});
  CHECK(machine.state().due(machine.rule()) == start + 70min);
  CHECK(machine.story() == "10:absent(0) 20:-(0)");
}

TEST_CASE("times at the limits of their range do not overflow") {
  Machine machine("v > 35 for 106751d cooldown 106751d absent for 106751d");
  machine.at(0, 36);
  CHECK(machine.state().due(machine.rule()) == Time::max());
  CHECK(machine.until(1'000'000).story().empty());
}

TEST_CASE("a quiet state may be forgotten, any other may not") {
  const auto idle = [](const Machine& machine, int minute) {
    return machine.state().idle(machine.rule(), start + std::chrono::minutes(minute));
  };
  CHECK(idle(Machine("v > 35").values({30}), 0));
  CHECK_FALSE(idle(Machine("v > 35").values({36}), 0));
  CHECK_FALSE(idle(Machine("v > 35 for 5m").values({36}), 0));
  CHECK_FALSE(idle(Machine("v > 35 2 of 3").values({36, 1}), 0));
  CHECK(idle(Machine("v > 35 2 of 3").values({36, 1, 1, 1}), 0));
  CHECK_FALSE(idle(Machine("v > 35 cooldown 1h").values({36, 1}), 59));
  CHECK(idle(Machine("v > 35 cooldown 1h").values({36, 1}), 60));
  CHECK_FALSE(idle(Machine("v > 35 absent for 1h").values({1}), 0));
}
