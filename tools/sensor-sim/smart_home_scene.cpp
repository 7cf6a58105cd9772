#include "smart_home_scene.hpp"

#include <algorithm>
#include <chrono>

#include "decimal.hpp"
#include "derived_seed.hpp"
#include "exact_math.hpp"
#include "time/timestamp.hpp"

#include "no_contraction.hpp"

namespace weir::sensor_sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t two_days_back_every = 20;
constexpr std::uint64_t ten_days_back_every = 120;

}  // namespace

SmartHomeScene::SmartHomeScene(std::uint64_t seed)
    : seed_(seed),
      sensors_{{{"TH1", 12'00, 35'00, Random(derived_seed(seed, "TH1"))},
                {"TH2", 12'00, 35'00, Random(derived_seed(seed, "TH2"))},
                {"HVAC1", 0, 100'00, Random(derived_seed(seed, "HVAC1"))},
                {"HVAC2", 0, 200'00, Random(derived_seed(seed, "HVAC2"))},
                {"MiAC1", 0, 150'00, Random(derived_seed(seed, "MiAC1"))},
                {"MiAC2", 0, 200'00, Random(derived_seed(seed, "MiAC2"))},
                {"W1", 0, 1'00, Random(derived_seed(seed, "W1"))}}},
      meters_{{{"Etot", 2600 * 24 * 100, 1000'00, Random(derived_seed(seed, "Etot"))},
               {"Wtot", 110'00, 10'00, Random(derived_seed(seed, "Wtot"))}}},
      late_random_(derived_seed(seed, "W1 late")) {}

void SmartHomeScene::begin_step(Time time) {
  lines_ = 0;
  add_movements(time);
  // Half of the temperatures' range follows the day, coldest at three hours.
  const double day = sine_of_turns(static_cast<double>(time.time_since_epoch() / 1s) / 86400 - 9.0 / 24);
  for (Sensor& sensor : sensors_) {
    const std::int64_t value = between(sensor.least, sensor.most, sensor.random);
    const bool is_temperature = sensor.least > 0;
    const std::int64_t course = (sensor.least + sensor.most) / 2 + hundredths(day * 5.5);
    add(time, sensor.name, is_temperature ? std::clamp((value + course) / 2, sensor.least, sensor.most) : value);
  }
  add_meters(time);
  ++steps_;
  add_late(time);
}

void SmartHomeScene::append(std::size_t sensor, std::string& out) { out += pool_[sensor]; }

std::int64_t SmartHomeScene::between(std::int64_t least, std::int64_t most, Random& random) {
  return least + static_cast<std::int64_t>(random.uniform() * static_cast<double>(most - least + 1));
}

void SmartHomeScene::add(Time time, std::string_view sensor, std::int64_t value) {
  std::string& line = next_line(time, sensor);
  append_hundredths(line, value);
  line += "}\n";
}

/// A line up to its value.
std::string& SmartHomeScene::next_line(Time time, std::string_view sensor) {
  if (lines_ == pool_.size()) pool_.emplace_back();
  std::string& line = pool_[lines_++];
  line = "{\"timestamp\":\"";
  append_time(line, time);
  line += "\",\"sensor\":\"";
  line += sensor;
  line += "\",\"value\":";
  return line;
}

/// The motion sensor's count since the step before.
void SmartHomeScene::add_movements(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time - 1ns);  // 24:00 belongs to the day that it ends
  if (day != movement_day_ || steps_ == 0) choose_movements(day);
  for (const Time movement : movements_)
    if (time - step < movement && movement <= time) next_line(movement, "Mov1") += "1}\n";
}

/// Five different seconds of the day; they depend on the day alone.
void SmartHomeScene::choose_movements(std::chrono::sys_days day) {
  movement_day_ = day;
  Random random(derived_seed(seed_, "Mov1 " + std::to_string(day.time_since_epoch().count())));
  for (std::size_t i = 0; i < movements_.size();) {
    movements_[i] = day + std::chrono::seconds(between(1, 86400, random));
    if (std::find(movements_.begin(), movements_.begin() + static_cast<std::ptrdiff_t>(i), movements_[i]) ==
        movements_.begin() + static_cast<std::ptrdiff_t>(i))
      ++i;
  }
  std::sort(movements_.begin(), movements_.end());
}

void SmartHomeScene::add_meters(Time time) {
  if (std::chrono::floor<std::chrono::days>(time) != time) return;
  for (Meter& meter : meters_) {
    meter.total += between(meter.mean - meter.spread, meter.mean + meter.spread, meter.random);
    add(time, meter.name, meter.total);
  }
}

void SmartHomeScene::add_late(Time time) {
  const Sensor& sensor = sensors_[w1];
  if (steps_ % two_days_back_every == 0) add(time - 48h, sensor.name, between(sensor.least, sensor.most, late_random_));
  if (steps_ % ten_days_back_every == 0)
    add(time - 240h, sensor.name, between(sensor.least, sensor.most, late_random_));
}

void SmartHomeScene::state(StateArchive& archive, Time) {
  for (Sensor& sensor : sensors_) archive.value(sensor.random);
  for (Meter& meter : meters_) archive.values(meter.random, meter.total);
  archive.values(late_random_, steps_, movement_day_);
  pool_.resize(lines_);
  archive.list(pool_);
  if (archive.saving()) return;
  choose_movements(movement_day_);
  lines_ = pool_.size();
}

}  // namespace weir::sensor_sim
