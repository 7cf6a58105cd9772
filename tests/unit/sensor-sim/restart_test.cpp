#include <algorithm>
#include <functional>
#include <memory>
#include <random>

#include "catch.hpp"
#include "sensor_scene.hpp"
#include "sensor_sim.hpp"
#include "smart_grid_scene.hpp"
#include "smart_home_scene.hpp"
#include "weather_scene.hpp"

using namespace weir;
using namespace weir::sensor_sim;
using namespace std::chrono_literals;

namespace {

struct Planted : sensor_sim::SmartGridScene::PlantedLog {
  std::string text;
  bool begun = false;
  void write(std::string_view line) override {
    if (!begun) go_on_at(0);
    text += line;
  }
  void go_on_at(std::uint64_t size) override {
    REQUIRE(size <= text.size());
    text.resize(size);
    begun = true;
  }
};

using MakeScene = std::function<std::unique_ptr<sensor_sim::Scene>()>;

constexpr Time start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

/// All records, in runs of `allowed()` records; every other run is discarded and repeated.
std::string play(const MakeScene& make, Duration step, std::uint64_t count,
                 const std::function<std::uint64_t()>& allowed) {
  std::string got;
  std::string state;
  Time now{};
  std::uint64_t sent = 0;
  for (int run = 0; sent < count; ++run) {
    // The rate allows this many records.
    const std::uint64_t wanted = allowed();
    now = Time{};
    PlaySettings settings;
    settings.start = start;
    settings.step = step;
    settings.count = count;
    settings.rate = 1;
    SensorSim source(make(), settings, [&now] { return now; });
    if (state.empty()) {
      source.begin();
    } else {
      SnapshotReader reader(state);
      source.load(1, reader);
      reader.finish();
    }
    now = Time{} + std::chrono::seconds(wanted - 1);
    Output out;
    while (source.next(out) == AnySource::Step::more) {
    }
    if (run % 2 == 0) continue;  // killed: its output was discarded
    got += out.lines;
    sent += static_cast<std::uint64_t>(std::count(out.lines.begin(), out.lines.end(), '\n'));
    state.clear();
    SnapshotWriter writer(state);
    source.save(1, writer);
  }
  return got;
}

void check(const MakeScene& make, Duration step, std::uint64_t count) {
  const std::string whole = play(make, step, count, [count] { return count; });
  CHECK(static_cast<std::uint64_t>(std::count(whole.begin(), whole.end(), '\n')) == count);
  std::mt19937 random(5);
  CHECK(play(make, step, count, [&] { return random() % (count / 10) + 1; }) == whole);
  CHECK(play(make, step, count / 20, [] { return 1; }) == play(make, step, count / 20, [count] { return count; }));
}

}  // namespace

TEST_CASE("stopped anywhere and continued: the same bytes") {
  check([] { return std::make_unique<sensor_sim::WeatherScene>(sensor_sim::first_cities(7), 3, 1h, 0.1); }, 1h, 3000);
  check([] { return std::make_unique<sensor_sim::SensorScene>(13, 3, 1s, 0.2); }, 1s, 5000);
  check([] { return std::make_unique<sensor_sim::SmartHomeScene>(3); }, 15min, 3000);
  check([] { return std::make_unique<sensor_sim::SmartGridScene>(30, 3); }, 15s, 20000);
}

TEST_CASE("planted incidents are written once, however often a run begins") {
  Planted whole;
  constexpr std::uint64_t count = 200'000;
  const auto into = [](Planted& log) {
    return [&log] {
      log.begun = false;
      return std::make_unique<sensor_sim::SmartGridScene>(50, 3, &log);
    };
  };
  play(into(whole), 15s, count, [] { return count; });
  CHECK(std::count(whole.text.begin(), whole.text.end(), '\n') > 5);
  Planted parts;
  std::mt19937 random(5);
  play(into(parts), 15s, count, [&] { return random() % 20000 + 1; });
  CHECK(parts.text == whole.text);
}
