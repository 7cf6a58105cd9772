#include "smart_grid_scene.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "record/parser.hpp"
#include "steps.hpp"
#include "time/timestamp.hpp"

using namespace weir;
using namespace weir::sensor_sim;
using namespace std::chrono_literals;

namespace {

constexpr Time start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
constexpr int steps = 1440;  // six hours: an incident each at most

struct Reading {
  Time time;
  double kw = 0;
  bool connected = false;
};
struct Incident {
  std::string kind;
  Time start;
  Time end;
  double share;
};
struct Grid {
  std::map<std::string, std::vector<Reading>> readings;  ///< by meter, without repeats
  std::map<std::string, Incident> planted;
  std::vector<Duration> repeated_after;
};

Grid play(std::uint64_t meters, std::uint64_t seed) {
  Grid grid;
  TimeParser times;
  FieldSet planted_fields;
  const FieldId meter_of = planted_fields.add("meter"), kind = planted_fields.add("kind"),
                from = planted_fields.add("start"), until = planted_fields.add("end"),
                share = planted_fields.add("share");
  RecordParser planted_parser(planted_fields);
  const auto take_planted = [&](std::string_view line) {
    line.remove_suffix(1);
    const Record* record = planted_parser.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    const Incident incident{std::string((*record)[kind].text), times.parse((*record)[from].text).value(),
                            times.parse((*record)[until].text).value(), (*record)[share].number().value()};
    CHECK(grid.planted.emplace((*record)[meter_of].text, incident).second);
  };
  struct Log : sensor_sim::SmartGridScene::PlantedLog {
    std::function<void(std::string_view)> take;
    void write(std::string_view line) override { take(line); }
  } log;
  log.take = take_planted;
  sensor_sim::SmartGridScene scene(meters, seed, &log);
  FieldSet fields;
  const FieldId time = fields.add("timestamp"), meter = fields.add("meter"), kw = fields.add("kw"),
                connected = fields.add("connected");
  std::unordered_set<std::string> lines;
  const auto use = [&](Time now, std::size_t sensor, const std::string& line, const Record& record) {
    const bool repeat = sensor >= meters;
    const Time at = times.parse(record[time].text).value();
    if ((at == now) == repeat) FAIL("at the wrong time: " << line);
    if (repeat) {
      if (lines.erase(line) != 1) FAIL("did not come before, or has been repeated: " << line);
      grid.repeated_after.push_back(now - at);
    } else {
      lines.insert(line);
      grid.readings[std::string(record[meter].text)].push_back(
          {at, record[kw].number().value(), record[connected].is_true()});
    }
  };
  run_steps(scene, fields, start, 15s, steps, use);
  return grid;
}

}  // namespace

TEST_CASE("a theft shows by the rule, from its first reading on; nothing else that is connected does for long") {
  constexpr std::uint64_t meters = 400;
  const Grid grid = play(meters, 7);
  REQUIRE(grid.readings.size() == meters);
  std::map<std::string, int> kinds;
  int short_dips = 0;
  int sudden_halves = 0;
  for (const auto& [meter, readings] : grid.readings) {
    REQUIRE(readings.size() == steps);
    const auto incident = grid.planted.find(meter);
    if (incident != grid.planted.end()) ++kinds[incident->second.kind];
    int low_for = 0;
    double before = 0;
    double sum = 0;  // of the connected readings of the last hour, and their number
    int n = 0;
    auto oldest = readings.begin();
    for (const Reading& reading : readings) {
      const bool within = incident != grid.planted.end() && incident->second.start <= reading.time &&
                          reading.time < incident->second.end;
      const std::string kind = within ? incident->second.kind : "";
      if (reading.connected != (kind != "outage"))
        FAIL_CHECK(meter << " at " << format_time(reading.time) << ": connected or not, against the log");
      if (kind == "outage") CHECK(reading.kw == 0);
      const auto count = [&](const Reading& each, int sign) {
        if (!each.connected) return;
        sum += sign * each.kw;
        n += sign;
      };
      count(reading, 1);
      for (; oldest->time <= reading.time - 1h; ++oldest) count(*oldest, -1);
      const bool low = reading.connected && reading.kw < 0.5 * sum / n;
      low_for = low ? low_for + 1 : 0;
      if (within && kind == "theft" && reading.time < incident->second.start + 5min) CHECK(low);
      if (kind != "theft") {
        if (low_for >= 3) FAIL_CHECK(meter << " at " << format_time(reading.time) << " is low, the third time");
        if (low) ++short_dips;
        if (kind.empty() && reading.kw < 0.5 * before) ++sudden_halves;
      }
      before = reading.kw;
    }
  }
  CHECK(kinds["theft"] >= 3);
  CHECK(kinds["outage"] >= 6);
  CHECK(kinds["surge"] >= 20);
  CHECK(short_dips > 100);
  CHECK(sudden_halves > short_dips / 2);
}

TEST_CASE("each 128th record comes again within minutes") {
  constexpr std::uint64_t meters = 100;
  const Grid grid = play(meters, 8);
  const double share = static_cast<double>(grid.repeated_after.size()) / (steps * meters);
  CHECK(share > 0.9 / 128);
  CHECK(share < 1.1 / 128);
  const std::set<Duration> after(grid.repeated_after.begin(), grid.repeated_after.end());
  CHECK(after == std::set<Duration>{30s, 60s, 135s, 300s});
}
