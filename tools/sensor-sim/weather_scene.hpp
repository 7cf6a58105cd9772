// Cities that report their weather.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cities.hpp"
#include "stamped_scene.hpp"
#include "weather_model.hpp"

namespace weir::sensor_sim {

struct Station {
  WeatherModel model;
  std::string opening;  ///< `","city":"Athens","temperature_c":`
  Random gap_random;
  std::array<bool, 4> missing;  ///< each of the four numbers
  void state(StateArchive& archive) { archive.values(model, gap_random, missing); }
};

/// Records `{"timestamp","city","temperature_c","humidity","pressure","wind_speed","weather"}`, as owm-poll writes
/// them.
class WeatherScene : public StampedScene<Station> {
 public:
  /// `gaps` is the share of numbers that are null; the others do not depend on it.
  WeatherScene(const std::vector<City>& cities, std::uint64_t seed, Duration step, double gaps);

  void append(std::size_t sensor, std::string& out) override;

 private:
  WeatherMemories memories_;
};

}  // namespace weir::sensor_sim
