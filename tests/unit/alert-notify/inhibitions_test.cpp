#include "inhibitions.hpp"

#include <array>
#include <vector>

#include "catch.hpp"
#include "office.hpp"
#include "saved_state.hpp"

using namespace weir;
using namespace weir::alert_notify;
using namespace std::chrono_literals;

namespace {

/// While a plant has no power, nobody need be told what else is wrong there.
const std::vector<InhibitRule> rules{{"rule == 'power'", "level == 'warning'", {"plant"}}};

std::string alert(const char* time, const char* state, const char* rule, const char* level, const char* plant) {
  return fmt::format(R"({{"timestamp":"2026-07-01T{}:00Z","state":"{}","rule":"{}","level":"{}","plant":"{}"}})", time,
                     state, rule, level, plant);
}

/// Alerts that begin, at one minute after the other.
void fire(Office& office, const std::vector<std::array<const char*, 3>>& alerts) {
  int minute = 0;
  for (const auto& [rule, level, plant] : alerts)
    office.take(alert(fmt::format("10:{:02}", minute++).c_str(), "firing", rule, level, plant));
}

}  // namespace

TEST_CASE("an alert is not told while another one with the same values fires, and then if it still fires") {
  Office office({route_to({"a"})}, "UTC", 100, {}, rules);
  office.take(alert("10:00", "firing", "power", "critical", "north"));
  office.take(alert("10:01", "firing", "BOD", "warning", "north"));
  office.take(alert("10:02", "firing", "pH", "warning", "north"));
  office.take(alert("10:03", "firing", "BOD", "warning", "south"));
  office.take(alert("10:04", "firing", "BOD", "critical", "north"));  // not a target any more
  office.take(alert("10:05", "resolved", "pH", "warning", "north"));  // nobody was told that it began
  office.take(alert("10:06", "firing", "flow", "warning", "north"));
  CHECK(office.take_told() == Told{"t-1 firing north/critical >a", "t-2 inhibited north/warning >a",
                                   "t-3 inhibited north/warning >a", "t-4 firing south/warning >a",
                                   "t-5 firing north/critical >a", "t-6 inhibited north/warning >a"});
  office.take(alert("10:10", "resolved", "power", "critical", "north"));
  CHECK(office.take_told() == Told{"t-7 resolved north/critical >a", "t-8 firing north/warning >a"});
  CHECK(office.desk->counts().inhibited == 3);
  office.take(alert("10:11", "resolved", "flow", "warning", "north"));
  CHECK(office.take_told() == Told{"t-9 resolved north/warning >a"});
}

TEST_CASE("the last of several sources ends an inhibition, and no alert inhibits itself") {
  Office office({route_to({"a"})}, "UTC", 100, {}, {{"level == 'critical'", "plant == 'north'", {}}});
  fire(office, {{"power", "critical", "north"}, {"net", "critical", "south"}, {"BOD", "warning", "north"}});
  CHECK(office.take_told() ==
        Told{"t-1 firing north/critical >a", "t-2 firing south/critical >a", "t-3 inhibited north/warning >a"});
  office.take(alert("10:03", "resolved", "power", "critical", "north"));
  CHECK(office.take_told() == Told{"t-4 resolved north/critical >a"});
  office.take(alert("10:04", "firing", "net", "warning", "south"));  // a source no more
  CHECK(office.take_told() == Told{"t-5 firing south/warning >a", "t-6 firing north/warning >a"});
}

TEST_CASE("what waits for its group is held by an alert that comes meanwhile; reminders stop") {
  Office office({route_to({"a"}, {.wait = 5min, .remind = 1h})}, "UTC", 100, {}, rules);
  office.take(alert("10:00", "firing", "BOD", "warning", "north"));
  office.take(alert("10:01", "firing", "pH", "warning", "south"));
  office.take(alert("10:02", "firing", "power", "critical", "north"));
  office.watermark("10:10:00");
  CHECK(office.take_told() ==
        Told{"t-1 inhibited north/warning >a", "t-2 firing south/warning >a", "t-3 firing north/critical >a"});
  office.take(alert("10:20", "firing", "power", "critical", "south"));
  office.watermark("11:30:00");
  CHECK(office.take_told() ==
        Told{"t-4 firing south/critical >a", "t-5 reminder north/critical >a", "t-6 reminder south/critical >a"});
}

TEST_CASE("an event is dropped while a source fires") {
  Office office({route_to({"a"})}, "UTC", 100, {}, rules);
  office.take(alert("10:00", "firing", "power", "critical", "north"));
  office.take(R"({"timestamp":"2026-07-01T10:01:00Z","level":"warning","rule":"noise","plant":"north"})");
  office.take(alert("10:02", "resolved", "power", "critical", "north"));
  CHECK(office.take_told() ==
        Told{"t-1 firing north/critical >a", "t-2 inhibited north/warning >a", "t-3 resolved north/critical >a"});
}

TEST_CASE("sources are in the state; a rule that is gone holds nothing") {
  Office first({route_to({"a"})}, "UTC", 100, {}, rules);
  first.take(alert("10:00", "firing", "power", "critical", "north"));
  first.take(alert("10:01", "firing", "BOD", "warning", "north"));
  const std::string saved = test::saved_state(*first.desk);
  Office second({route_to({"a"})}, "UTC", 100, {}, rules);
  test::load_state(*second.desk, saved);
  second.take(alert("10:02", "firing", "pH", "warning", "north"));
  second.take(alert("10:03", "resolved", "power", "critical", "north"));
  CHECK(second.take_told() == Told{"t-3 inhibited north/warning >a", "t-4 resolved north/critical >a",
                                   "t-5 firing north/warning >a", "t-6 firing north/warning >a"});
  Office third({route_to({"a"})});
  test::load_state(*third.desk, saved);
  third.watermark("10:05:00");
  CHECK(third.take_told() == Told{"t-3 firing north/warning >a"});
}

TEST_CASE("silences that change let go what they covered, and hold what they cover now") {
  Office office({route_to({"a"})});
  const auto silence = [](const char* plant) {
    return Silences::read("s.toml", fmt::format("[[silence]]\nmatch = \"plant == '{}'\"\n", plant));
  };
  office.desk->set_silences(silence("north"));
  office.take(alert("10:00", "firing", "BOD", "warning", "north"));
  office.take(alert("10:01", "firing", "BOD", "warning", "south"));
  CHECK(office.take_told() == Told{"t-1 silenced north/warning >a", "t-2 firing south/warning >a"});
  office.desk->set_silences(silence("south"));
  CHECK(office.take_told() == Told{"t-3 firing north/warning >a"});
  office.take(alert("10:02", "firing", "BOD", "critical", "south"));
  CHECK(office.take_told() == Told{"t-4 silenced south/critical >a"});
  office.desk->set_silences(Silences());
  CHECK(office.take_told() == Told{"t-5 firing south/critical >a"});
}

TEST_CASE("alerts that are sources and targets do not hold each other, but one that is a source alone holds them") {
  Office office({route_to({"a"})}, "UTC", 100, {},
                {{"level == 'critical' or rule == 'power'", "rule != 'power'", {"plant"}}});
  fire(office, {{"fire", "critical", "north"}, {"flood", "critical", "north"}, {"BOD", "warning", "north"}});
  CHECK(office.take_told() ==
        Told{"t-1 firing north/critical >a", "t-2 firing north/critical >a", "t-3 inhibited north/warning >a"});
  office.take(alert("10:03", "firing", "power", "warning", "north"));
  office.take(alert("10:04", "firing", "gas", "critical", "north"));
  CHECK(office.take_told() == Told{"t-4 firing north/warning >a", "t-5 inhibited north/critical >a"});
  office.take(alert("10:05", "resolved", "power", "warning", "north"));
  CHECK(office.take_told() == Told{"t-6 resolved north/warning >a", "t-7 firing north/critical >a"});
}
