#include "smart_grid_scene.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
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
constexpr std::uint64_t meters = 400;

struct Reading {
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
  std::map<std::string, std::map<Time, Reading>> readings;  ///< without repeats
  std::map<std::string, Incident> planted;
  std::vector<Duration> repeated_after;
};

Grid play(std::uint64_t seed) {
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
  std::map<std::string, int> lines;
  const auto use = [&](Time now, std::size_t sensor, const std::string& line, const Record& record) {
    const bool repeat = sensor >= meters;
    ++lines[line];
    const Time at = times.parse(record[time].text).value();
    REQUIRE((at == now) == !repeat);
    if (repeat) {
      REQUIRE(lines[line] == 2);
      grid.repeated_after.push_back(now - at);
    } else {
      grid.readings[std::string(record[meter].text)][at] = {record[kw].number().value(), record[connected].is_true()};
    }
  };
  run_steps(scene, fields, start, 15s, steps, use);
  return grid;
}

}  // namespace

TEST_CASE("a theft shows by the rule, from its first reading on; nothing else that is connected does for long") {
  const Grid grid = play(7);
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
    for (const auto& [time, reading] : readings) {
      const bool within =
          incident != grid.planted.end() && incident->second.start <= time && time < incident->second.end;
      const std::string kind = within ? incident->second.kind : "";
      CHECK(reading.connected == (kind != "outage"));
      if (kind == "outage") CHECK(reading.kw == 0);
      double sum = 0;
      int n = 0;
      for (auto each = readings.upper_bound(time - 1h); each != readings.end() && each->first <= time; ++each) {
        if (!each->second.connected) continue;
        sum += each->second.kw;
        ++n;
      }
      const bool low = reading.connected && reading.kw < 0.5 * sum / n;
      low_for = low ? low_for + 1 : 0;
      if (within && kind == "theft" && time < incident->second.start + 5min) CHECK(low);
      if (kind != "theft") {
        CHECK(low_for < 3);
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
  const Grid grid = play(8);
  const double share = static_cast<double>(grid.repeated_after.size()) / (steps * meters);
  CHECK(share > 0.9 / 128);
  CHECK(share < 1.1 / 128);
  const std::set<Duration> after(grid.repeated_after.begin(), grid.repeated_after.end());
  CHECK(after == std::set<Duration>{30s, 60s, 135s, 300s});
}
