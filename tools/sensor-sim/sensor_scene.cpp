#include "sensor_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "decimal.hpp"
#include "derived_seed.hpp"
#include "exact_math.hpp"
#include "weather_model.hpp"

#include "no_contraction.hpp"

namespace weir::sensor_sim {
namespace {

struct Parameter {
  std::string_view name;
  double level;
  double level_spread;  ///< between sensors
  double daily;
  double spread;
};

constexpr std::array<Parameter, 4> parameters{{{"temperature_c", 21, 2, 1.5, 0.6},
                                               {"humidity", 48, 5, 4, 2},
                                               {"vibration_mm_s", 2.4, 0.5, 0.2, 0.3},
                                               {"power_kw", 12, 3, 4, 1.2}}};

}  // namespace

SensorScene::SensorScene(std::size_t sensors, std::uint64_t seed, Duration step, double gaps)
    : StampedScene(sensors, gaps) {
  const Memory memory = Memory::of(step, std::chrono::minutes(5));
  keep_ = memory.keep;
  add_ = memory.add;
  for (std::size_t i = 0; i < sensors; ++i) {
    const Parameter& parameter = parameters[i % parameters.size()];
    const std::string name = fmt::format("s{:05}", i + 1);
    Sensor sensor{Random(derived_seed(seed, name)),
                  0,
                  parameter.daily,
                  parameter.spread,
                  0,
                  Random(derived_seed(seed, name + " gaps")),
                  false,
                  {}};
    sensor.missing = gaps_.first(sensor.gap_random);
    sensor.level = parameter.level + parameter.level_spread * sensor.random.normal();
    sensor.course = sensor.random.normal();
    sensor.opening = fmt::format("\",\"sensor\":\"{}\",\"parameter\":\"{}\",\"value\":", name, parameter.name);
    sensors_.push_back(std::move(sensor));
  }
}

void SensorScene::begin_step(Time time) {
  day_ = sine_of_turns(static_cast<double>(time.time_since_epoch().count()) * 1e-9 / 86400 - 15.0 / 24 + 0.25);
  StampedScene::begin_step(time);
}

void SensorScene::append(std::size_t index, std::string& out) {
  Sensor& sensor = sensors_[index];
  sensor.course = keep_ * sensor.course + add_ * sensor.random.normal();
  out += timestamp_;
  out += sensor.opening;
  const bool missing = sensor.missing;
  if (gaps_.any()) sensor.missing = gaps_.next(missing, sensor.gap_random);
  if (missing) {
    out += "null";
  } else {
    append_hundredths(
        out, std::max<std::int64_t>(hundredths(sensor.level + sensor.daily * day_ + sensor.spread * sensor.course), 0));
  }
  out += "}\n";
}

}  // namespace weir::sensor_sim
