// Cities that report their weather.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cities.hpp"
#include "gaps.hpp"
#include "scene.hpp"
#include "weather_model.hpp"

namespace weir::sensor_sim {

/// Records `{"timestamp","city","temperature_c","humidity","pressure","wind_speed","weather"}`, as owm-poll writes
/// them.
class WeatherScene : public Scene {
 public:
  /// `gaps` is the share of numbers that are null; the others do not depend on it.
  WeatherScene(const std::vector<City>& cities, std::uint64_t seed, Duration step, double gaps);

  std::size_t size() const override { return stations_.size(); }
  void begin_step(Time time) override;
  void append(std::size_t sensor, std::string& out) override;
  void state(StateArchive& archive, Time time) override;

 private:
  struct Station {
    WeatherModel model;
    std::string opening;  ///< `","city":"Athens","temperature_c":`
    Random gap_random;
    std::array<bool, 4> missing;  ///< each of the four numbers
  };
  WeatherMemories memories_;
  std::vector<Station> stations_;
  Gaps gaps_;
  Time time_{};
  std::string timestamp_;
};

}  // namespace weir::sensor_sim
