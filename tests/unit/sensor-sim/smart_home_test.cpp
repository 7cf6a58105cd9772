#include "smart_home_scene.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "steps.hpp"
#include "time/timestamp.hpp"

using namespace weir;
using namespace weir::sensor_sim;
using namespace std::chrono_literals;

namespace {

struct Reading {
  Time step;
  Time time;
  std::string sensor;
  double value;
  bool operator==(const Reading&) const = default;
};

constexpr Time start{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1} + 15min};

/// All readings of that many quarters of an hour.
std::vector<Reading> readings(std::uint64_t seed, int steps, Time from = start) {
  sensor_sim::SmartHomeScene scene(seed);
  FieldSet fields;
  const FieldId time = fields.add("timestamp");
  const FieldId sensor = fields.add("sensor");
  const FieldId value = fields.add("value");
  TimeParser times;
  std::vector<Reading> all;
  sensor_sim::run_steps(scene, fields, from, 15min, steps,
                        [&](Time now, std::size_t, const std::string&, const Record& record) {
                          all.push_back({now, times.parse(record[time].text).value(), std::string(record[sensor].text),
                                         record[value].number().value()});
                        });
  return all;
}

std::vector<Reading> of(const std::vector<Reading>& all, const std::string& sensor) {
  std::vector<Reading> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [&sensor](const Reading& reading) { return reading.sensor == sensor; });
  return some;
}

constexpr int days = 50;
const std::vector<Reading>& fifty_days() {
  static const std::vector<Reading> all = readings(1, days * 96);
  return all;
}

}  // namespace

TEST_CASE("each sensor of a home reports every quarter of an hour, within its range and all of it") {
  struct Range {
    const char* sensor;
    double least;
    double most;
  };
  for (const auto& [sensor, least, most] : {Range{"TH1", 12, 35}, Range{"TH2", 12, 35}, Range{"HVAC1", 0, 100},
                                            Range{"HVAC2", 0, 200}, Range{"MiAC1", 0, 150}, Range{"MiAC2", 0, 200}}) {
    const std::vector<Reading> its = of(fifty_days(), sensor);
    REQUIRE(its.size() == days * 96);
    double low = 1e9;
    double high = -1e9;
    for (std::size_t i = 0; i < its.size(); ++i) {
      CHECK(its[i].time == start + static_cast<int>(i) * 15min);
      low = std::min(low, its[i].value);
      high = std::max(high, its[i].value);
    }
    CHECK(low >= least);
    CHECK(high <= most);
    CHECK(high - low > 0.6 * (most - least));
  }
}

TEST_CASE("the meters of a home grow once a day, at midnight") {
  struct Growth {
    const char* sensor;
    double least;
    double most;
  };
  for (const auto& [sensor, least, most] :
       {Growth{"Etot", 2600 * 24 - 1000, 2600 * 24 + 1000}, Growth{"Wtot", 100, 120}}) {
    const std::vector<Reading> its = of(fifty_days(), sensor);
    REQUIRE(its.size() == days);
    double total = 0;
    for (std::size_t i = 0; i < its.size(); ++i) {
      CHECK(its[i].time == start - 15min + static_cast<int>(i + 1) * 24h);
      CHECK(its[i].value - total >= least - 0.001);
      CHECK(its[i].value - total <= most + 0.001);
      total = its[i].value;
    }
  }
}

TEST_CASE("somebody moves five times a day, at times of their own") {
  const std::vector<Reading> its = of(fifty_days(), "Mov1");
  CHECK(its.size() == days * 5);
  std::map<long, int> a_day;
  std::set<long> times_of_day;
  for (const Reading& each : its) {
    CHECK(each.value == 1);
    CHECK(each.time <= each.step);
    CHECK(each.time > each.step - 15min);
    ++a_day[(each.time - 1s).time_since_epoch() / 24h];
    times_of_day.insert(each.time.time_since_epoch() % 24h / 1s);
  }
  CHECK(a_day.size() == days);
  for (const auto& [day, count] : a_day) CHECK(count == 5);
  CHECK(times_of_day.size() > 200);
}

TEST_CASE("some records of W1 are late, by two days and by ten") {
  const std::vector<Reading> its = of(fifty_days(), "W1");
  std::map<long, int> by_hours;
  for (const Reading& each : its) {
    CHECK(each.value >= 0);
    CHECK(each.value <= 1);
    ++by_hours[(each.step - each.time) / 1h];
  }
  CHECK(by_hours == std::map<long, int>{{0, days * 96}, {48, days * 96 / 20}, {240, days * 96 / 120}});
  // The first late record comes with the 20th.
  const auto late = std::find_if(its.begin(), its.end(), [](const Reading& each) { return each.time != each.step; });
  REQUIRE(late != its.end());
  CHECK(late->step == start + 19 * 15min);
}

TEST_CASE("the same seed gives the same home, another one another") {
  CHECK(readings(7, 200) == readings(7, 200));
  CHECK(readings(7, 200) != readings(8, 200));
  // Movements do not depend on when the scene began.
  const Time later = start + 24h;
  const auto whole = of(readings(7, 192), "Mov1");
  const auto part = of(readings(7, 96, later), "Mov1");
  REQUIRE(part.size() == 5);
  CHECK(std::equal(part.begin(), part.end(), whole.end() - 5));
}
