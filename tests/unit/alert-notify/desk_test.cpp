#include "desk.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "catch.hpp"
#include "office.hpp"
#include "saved_state.hpp"

using namespace weir;
using namespace weir::alert_notify;
using namespace std::chrono_literals;

TEST_CASE("an alert is told when it begins, changes its level and ends") {
  Office office({route_to({"a", "b"})});
  office.alert("10:00:00", "firing", "warning", "north");
  office.alert("10:01:00", "firing", "warning", "north");
  office.episode("10:02:00", "10:03:00", "critical", "north");
  CHECK(office.take_told() ==
        Told{"t-1 firing north/warning >a >b", "t-2 firing north/critical >a >b", "t-3 resolved north/critical >a >b"});
  CHECK(office.dedups == Told{"BOD/north", "BOD/north", "BOD/north"});
}

TEST_CASE("records without a state are events, each of which is told") {
  Office office({route_to({"a"})});
  office.take(R"({"message":"backup failed"})");
  office.take(R"({"message":"backup failed"})");
  CHECK(office.take_told() == Told{"t-1 event /warning >a", "t-2 event /warning >a"});
  CHECK(office.dedups == Told{"t-1", "t-2"});
}

TEST_CASE("an event leaves the firing alert of its identity as it is") {
  Route route = route_to({"a"}, {.remind = 1h});
  route.escalate = {{30min, {"b"}}};
  SECTION("with a cooldown") { route.cooldown = 5min; }
  SECTION("without") {}
  Office office({route});
  office.alert("10:00:00", "firing", "critical", "north");
  office.take(R"({"timestamp":"2026-07-01T10:01:00Z","level":"info","rule":"BOD","plant":"north"})");
  CHECK(office.take_told() == Told{"t-1 firing north/critical >a", "t-2 event north/info >a"});
  CHECK_FALSE(office.desk->acknowledge("t-2"));
  office.watermark("10:30:00");
  CHECK(office.take_told() == Told{"t-3 escalation north/critical >b"});
  office.take(R"({"timestamp":"2026-07-01T10:50:00Z","level":"info","rule":"BOD","plant":"north"})");
  office.watermark("11:00:00");
  CHECK(office.take_told() == Told{"t-4 event north/info >a", "t-5 reminder north/critical >a"});
  CHECK(office.desk->acknowledge("t-5"));
  office.take(R"({"timestamp":"2026-07-01T11:10:00Z","level":"info","rule":"BOD","plant":"north"})");
  office.watermark("13:00:00");
  CHECK(office.take_told() == Told{"t-6 event north/info >a"});
  office.alert("13:01:00", "resolved", "critical", "north");
  CHECK(office.take_told() == Told{"t-7 resolved north/critical >a >b"});
}

TEST_CASE("of events in a cooldown the one that waits is told") {
  Office office({route_to({"a"}, {.wait = 1min, .cooldown = 5min})});
  office.take(R"({"timestamp":"2026-07-01T10:00:00Z","level":"error","rule":"BOD","message":"first"})");
  office.take(R"({"timestamp":"2026-07-01T10:00:10Z","level":"info","rule":"BOD","message":"second"})");
  office.watermark("10:30:00");
  CHECK(office.take_told() == Told{"t-1 cooldown /info >a", "t-2 event /error >a"});
}

TEST_CASE("a group waits for further alerts, and tells them together") {
  Route route = route_to({"a"}, {.wait = 30s});
  route.group = {"rule"};
  Office office({route});
  office.alert("10:00:00", "firing", "warning", "north");
  office.alert("10:00:20", "firing", "critical", "south");
  CHECK(office.take_told().empty());
  office.watermark("10:00:30");
  CHECK(office.take_told() == Told{"t-1 firing south/critical north/warning >a"});
  office.alert("10:05:00", "resolved", "warning", "north");
  office.watermark("10:06:00");
  CHECK(office.take_told() == Told{"t-2 resolved north/warning south/critical >a"});
  SECTION("the end of the input ends the waiting") {
    office.alert("10:10:00", "firing", "warning", "west");
    office.desk->end();
    CHECK(office.take_told() == Told{"t-3 firing west/warning south/critical >a"});
  }
}

TEST_CASE("an alert that ends while its group waits is told once, as over") {
  Office office({route_to({"a"}, {.wait = 30s})});
  office.episode("10:00:00", "10:00:10", "warning", "north");
  office.watermark("11:00:00");
  CHECK(office.take_told() == Told{"t-1 resolved north/warning >a"});
}

TEST_CASE("a cooldown holds back, but not what has become worse, and tells later of what still fires") {
  Office office({route_to({"a"}, {.cooldown = 10min})});
  office.episode("10:00:00", "10:01:00", "warning", "north");
  office.take_told();
  office.alert("10:02:00", "firing", "warning", "north");
  CHECK(office.take_told() == Told{"t-3 cooldown north/warning >a"});
  office.watermark("10:10:00");
  CHECK(office.take_told() == Told{"t-4 firing north/warning >a"});
  office.alert("10:11:00", "firing", "critical", "north");
  CHECK(office.take_told() == Told{"t-5 firing north/critical >a"});
  SECTION("what ends within the cooldown is not told at all") {
    office.alert("10:12:00", "resolved", "critical", "north");
    office.take_told();
    office.episode("10:13:00", "10:14:00", "warning", "north");
    office.watermark("12:00:00");
    CHECK(office.take_told() == Told{"t-7 cooldown north/warning >a"});
    CHECK(office.desk->counts().cooled == 2);
  }
  SECTION("events have it too") {
    office.take(R"({"timestamp":"2026-07-01T10:30:00Z","rule":"x"})");
    office.take(R"({"timestamp":"2026-07-01T10:31:00Z","rule":"x"})");
    office.take(R"({"timestamp":"2026-07-01T10:41:00Z","rule":"x"})");
    CHECK(office.take_told() == Told{"t-6 event /warning >a", "t-7 cooldown /warning >a", "t-8 event /warning >a"});
  }
}

TEST_CASE("people are reminded while an alert goes on, once after a pause, and not when somebody has seen it") {
  Office office({route_to({"a"}, {.remind = 1h})});
  office.alert("10:00:00", "firing", "warning", "north");
  office.watermark("11:00:00");
  office.watermark("15:30:00");
  CHECK(office.take_told() ==
        Told{"t-1 firing north/warning >a", "t-2 reminder north/warning >a", "t-3 reminder north/warning >a"});
  office.watermark("16:00:00");
  CHECK(office.take_told() == Told{"t-4 reminder north/warning >a"});
  CHECK_FALSE(office.desk->acknowledge("t-99"));
  SECTION("acknowledged by its id") {
    CHECK(office.desk->acknowledge("t-2"));
    office.watermark("20:00:00");
    CHECK(office.take_told().empty());
    office.alert("20:00:00", "firing", "critical", "north");
    office.watermark("21:00:00");
    CHECK(office.take_told() == Told{"t-5 firing north/critical >a", "t-6 reminder north/critical >a"});
  }
  SECTION("over") {
    office.alert("16:10:00", "resolved", "warning", "north");
    office.watermark("22:00:00");
    CHECK(office.take_told() == Told{"t-5 resolved north/warning >a"});
  }
}

TEST_CASE("nobody has acknowledged: others are told, and also of the end") {
  Route route = route_to({"a"});
  route.escalate = {{15min, {"b"}}, {30min, {"c"}}};
  Office office({route});
  office.alert("10:00:00", "firing", "critical", "north");
  office.watermark("10:15:00");
  CHECK(office.take_told() == Told{"t-1 firing north/critical >a", "t-2 escalation north/critical >b"});
  SECTION("the second step") {
    office.watermark("11:00:00");
    CHECK(office.take_told() == Told{"t-3 escalation north/critical >c"});
    office.alert("11:01:00", "resolved", "critical", "north");
    CHECK(office.take_told() == Told{"t-4 resolved north/critical >a >b >c"});
  }
  SECTION("acknowledged by its deduplication key") {
    CHECK(office.desk->acknowledge("BOD/north"));
    office.watermark("11:00:00");
    CHECK(office.take_told().empty());
  }
}

TEST_CASE("the first route that fits takes an alert, by level, rule, condition and time of day") {
  Route night = route_to({"night"});
  night.name = "n";
  night.between = parse_between("22:00-06:00");
  night.days = {parse_day("wed"), parse_day("thu")};
  Route north = route_to({"north"});
  north.name = "north";
  north.match = "plant == 'north'";
  Route critical = route_to({"boss"});
  critical.name = "c";
  critical.levels = {"critical"};
  critical.goes_on = true;
  Office office({critical, night, north}, "Europe/Athens");
  // 2026-07-01 is a Wednesday; Athens is three hours ahead of UTC.
  office.alert("18:59:00", "firing", "warning", "north");
  office.alert("18:59:30", "firing", "warning", "west");
  office.alert("19:00:00", "firing", "critical", "south");
  CHECK(office.take_told() ==
        Told{"t-1 firing north/warning >north", "t-2 firing south/critical >boss", "t-3 firing south/critical >night"});
  CHECK(office.desk->counts().unrouted == 1);
  // What is over goes to those who were told, whatever the time; what has left a route's levels is over there.
  office.alert("19:01:00", "resolved", "warning", "north");
  office.alert("19:02:00", "firing", "warning", "south");
  CHECK(office.take_told() == Told{"t-4 resolved north/warning >north", "t-5 resolved south/warning >boss",
                                   "t-6 firing south/warning >night"});
}

TEST_CASE("a silence holds back, and its end tells of what still fires") {
  Office office({route_to({"a"})});
  office.desk->set_silences(
      Silences::read("s.toml",
                     "[[silence]]\nmatch = \"plant == 'north'\"\nfrom = 2026-07-01T10:00:00Z\nuntil = "
                     "\"2026-07-01T11:00:00Z\"\ncomment = \"works\"\n"));
  office.alert("10:00:00", "firing", "warning", "south");
  office.alert("10:10:00", "firing", "critical", "north");
  CHECK(office.take_told() == Told{"t-1 firing south/warning >a", "t-2 silenced north/critical >a"});
  SECTION("it goes on") {
    office.watermark("11:00:00");
    CHECK(office.take_told() == Told{"t-3 firing north/critical >a"});
  }
  SECTION("it ends within the silence") {
    office.alert("10:30:00", "resolved", "critical", "north");
    office.watermark("12:00:00");
    CHECK(office.take_told().empty());
  }
}

TEST_CASE("an end without a beginning is told; over --max-keys an alert is told and forgotten") {
  Office office({route_to({"a"})}, "UTC", 1);
  office.alert("10:00:00", "resolved", "warning", "north");
  office.alert("10:01:00", "firing", "warning", "south");
  office.alert("10:02:00", "firing", "warning", "west");
  office.alert("10:03:00", "firing", "warning", "west");
  CHECK(office.take_told() == Told{"t-1 resolved north/warning >a", "t-2 firing south/warning >a",
                                   "t-3 firing west/warning >a", "t-4 firing west/warning >a"});
  CHECK(office.desk->counts().forgotten == 2);
}

TEST_CASE("a desk goes on from its state") {
  const Route route = route_to({"a"}, {.wait = 30s, .remind = 1h});
  Office first({route});
  first.alert("10:00:00", "firing", "warning", "north");
  first.watermark("10:01:00");
  first.alert("10:02:00", "firing", "warning", "south");
  Office second({route});
  test::load_state(*second.desk, test::saved_state(*first.desk));
  for (Office* each : {&first, &second}) {
    each->take_told();
    each->watermark("11:30:00");
    CHECK(each->take_told() ==
          Told{"t-2 firing south/warning >a", "t-3 reminder north/warning >a", "t-4 reminder south/warning >a"});
  }
}

TEST_CASE("messages of Alertmanager's webhook become alerts") {
  Office office({route_to({"a"})});
  office.take(
      R"({"version":"4","status":"firing","receiver":"weir","alerts":[{"status":"firing","labels":{"alertname":"Hot","severity":"critical","instance":"n1"},"annotations":{"summary":"n1 is hot"},"startsAt":"2026-07-01T10:00:00Z","endsAt":"0001-01-01T00:00:00Z"},{"status":"resolved","labels":{"alertname":"Hot","severity":"warning","instance":"n2"},"annotations":{},"startsAt":"2026-07-01T09:00:00Z","endsAt":"2026-07-01T10:00:01Z"}]})");
  CHECK(office.take_told() == Told{"t-1 firing n1/critical >a", "t-2 resolved n2/warning >a"});
  CHECK(office.dedups == Told{"Hot/n1", "Hot/n2"});
  // What alert-notify's own webhook sends of several alerts.
  office.take(
      R"({"alerts":[{"state":"firing","rule":"BOD","level":"critical","plant":"north"},{"message":"m","host":"h"}]})");
  CHECK(office.take_told() == Told{"t-3 firing north/critical >a", "t-4 event h/warning >a"});
  const Record& record = test::parsed(*office.parser, R"({"alerts":[1]})");
  std::vector<Alert> alerts;
  CHECK(office.reader->read(record, alerts).reason() == "alerts is not a list of objects");
}

TEST_CASE("a wrong clock harms only its own alert, which is told at once") {
  Office office({route_to({"a"}, {.wait = 1min})}, "UTC", 100, std::chrono::days(31));
  office.alert("10:00:00", "firing", "warning", "north");
  office.take(R"({"timestamp":"2099-01-01T00:00:00Z","state":"firing","rule":"BOD","plant":"wrong"})");
  CHECK(office.take_told() == Told{"t-1 firing wrong/warning >a"});
  office.alert("10:02:00", "firing", "warning", "south");
  CHECK(office.take_told() == Told{"t-2 firing north/warning >a"});
  SECTION("several that agree are a pause") {
    for (const char* plant : {"p", "q", "r"})
      office.take(
          fmt::format(R"({{"timestamp":"2027-01-01T00:00:00Z","state":"firing","rule":"BOD","plant":"{}"}})", plant));
    CHECK(office.take_told() ==
          Told{"t-3 firing p/warning >a", "t-4 firing q/warning >a", "t-5 firing south/warning >a"});
  }
}

TEST_CASE("a wrong clock at the beginning is found out") {
  Office office({route_to({"a"}, {.wait = 1min})}, "UTC", 100, std::chrono::days(31));
  office.take(R"({"timestamp":"2099-01-01T00:00:00Z","rule":"BOD","plant":"wrong"})");
  for (const char* plant : {"p", "q", "r"}) office.alert("10:00:00", "firing", "warning", plant);
  CHECK(office.take_told() == Told{"t-1 firing p/warning >a", "t-2 firing q/warning >a"});
  office.alert("10:01:01", "firing", "warning", "s");
  CHECK(office.take_told() == Told{"t-3 firing r/warning >a"});
}

TEST_CASE("no two alerts share a deduplication key") {
  const auto names_of = [](std::vector<std::string> by, const std::vector<std::string>& records) {
    Office office({route_to({"a"})}, "UTC", 100, {}, {}, std::move(by));
    for (const std::string& each : records) office.take(R"({"state":"firing",)" + each + "}");
    return office.dedups;
  };
  const auto differ = [](Told names) {
    const std::size_t all = names.size();
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names.size() == all;
  };
  Told names = names_of({"site", "unit"},
                        {R"("rule":"r","site":"north","unit":"1")", R"("rule":"r","site":"north","unit":"1, 2")",
                         R"("rule":"r","site":"north, 1","unit":"2")", R"("rule":"r","site":"north")",
                         R"("rule":"r","unit":"north")", R"("rule":"r","site":"","unit":"north")",
                         R"("rule":"r","site":"north","unit":1)", R"("rule":"r","site":"a,","unit":"b")"});
  CHECK(differ(names));
  CHECK(names.front() == "r/north, 1");
  CHECK(names.back() == "r/a,, b");
  names = names_of({"city"}, {R"("rule":"r","city":"a/b")", R"("rule":"r/a","city":"b")",
                              R"("rule":"r","parameter":"a","city":"b")", R"("rule":"r","city":1)",
                              R"("rule":"r","city":"1")", R"("rule":"r","city":"")", R"("rule":"r","city":null)",
                              R"("city":"a")", R"("rule":"alert","city":"a")", R"("rule":"r","city":"a,")",
                              R"("rule":"t-1")", R"("rule":"r","city":"x-0123456789abcdef0123456789abcdef")"});
  CHECK(differ(names));
  CHECK(names[0] == "r/a/b");
  CHECK(names[6] == "r");
  CHECK(names[7] == "alert/a");
  for (const std::size_t odd : {1U, 2U, 3U, 5U, 8U, 9U, 10U, 11U}) CHECK(names[odd].size() > 32);
  // Without --by the names of the fields count, and an escape does not.
  names = names_of(
      {}, {R"("rule":"r","pump":"1")", R"("rule":"r","tank":"1")", R"("rule":"s","pump":"1","tank":"2")",
           R"("rule":"q\u001f","k":"1")", R"("rule":"q","parameter":",\"k\":\"1\"")", R"("rule":"q","k":"1")"});
  CHECK(differ(names));
  CHECK(names[0] == "r/1");
  CHECK(names[2] == "s/1, 2");
  CHECK(names_of({}, {R"("rule":"r","k":"A")", R"("rule":"r","k":"\u0041")"}) == Told{"r/A"});
}

TEST_CASE("the deduplication key of a group is no alert's") {
  Route grouped = route_to({"a"});
  grouped.name = "hot";
  grouped.group = {"plant"};
  grouped.goes_on = true;
  Route each = route_to({"b"});
  Office office({grouped, each});
  office.take(R"({"state":"firing","rule":"hot","plant":"x"})");
  office.take(R"({"state":"firing","rule":"hot","plant":"\"x\","})");
  CHECK(office.dedups[0] == R"(hot/"x",)");
  CHECK(office.dedups[1] == "hot/x");
  CHECK(office.dedups[3].starts_with(R"(hot/"x",-)"));
}

TEST_CASE("a state knows which alerts of a rule have the readable key") {
  Office before({route_to({"a"})});
  before.take(R"({"state":"firing","rule":"r","pump":"1"})");
  before.take(R"({"state":"resolved","rule":"r","pump":"1"})");
  Office after({route_to({"a"})});
  test::load_state(*after.desk, test::saved_state(*before.desk));
  after.take(R"({"state":"firing","rule":"r","tank":"1"})");
  after.take(R"({"state":"firing","rule":"r","pump":"1"})");
  CHECK(after.dedups[0].starts_with("r/1-"));
  CHECK(after.dedups[1] == "r/1");
}

TEST_CASE("alerts for which there is no memory are told, and not remembered") {
  Route route = route_to({"a"});
  SECTION("at once") {}
  SECTION("in a group that waits no longer") {
    route.group = {"rule"};
    route.wait = 1h;
  }
  Desk::Settings settings;
  settings.max_held = 20'000;
  Office office({route}, settings);
  for (int i = 0; i < 5; ++i)
    office.take(fmt::format(
        R"({{"timestamp":"2026-07-01T10:00:0{0}Z","state":"firing","rule":"r","plant":"{0}","message":"{1}"}})", i,
        std::string(5000, 'x')));
  CHECK_FALSE(office.told.empty());
  CHECK(office.desk->counts().forgotten > 0);
  CHECK(test::saved_state(*office.desk).size() < 40'000);
  const std::uint64_t forgotten = office.desk->counts().forgotten;
  office.desk->end();
  std::string all = fmt::format("{}", fmt::join(office.told, "\n"));
  for (int i = 0; i < 5; ++i) CHECK(all.find(fmt::format(" {}/warning", i)) != std::string::npos);
  CHECK(office.desk->counts().forgotten >= forgotten);
}

TEST_CASE("a key that is too long is a reject; an event is told") {
  Office office({route_to({"a"})});
  const std::string key(5000, 'x');
  std::vector<Alert> alerts;
  const Record& record = test::parsed(*office.parser, R"({"state":"firing","rule":"r","plant":")" + key + "\"}");
  const Verdict verdict = office.reader->read(record, alerts);
  CHECK(verdict.rejected());
  CHECK(alerts.empty());
  office.take(R"({"rule":"r","plant":")" + key + "\"}");
  CHECK(office.told.size() == 1);
}
