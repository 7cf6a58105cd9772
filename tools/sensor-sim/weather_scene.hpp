// Cities that report their weather.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "cities.hpp"
#include "scene.hpp"
#include "weather_model.hpp"

namespace weir::sim {

/// Records `{"timestamp","city","temperature_c","humidity","pressure","wind_speed","weather"}`, as owm-poll writes
/// them.
class WeatherScene : public Scene {
 public:
  /// Each of the four numbers is null with the probability `gaps`; what is not null is the same for any.
  WeatherScene(const std::vector<City>& cities, std::uint64_t seed, Duration step, double gaps);

  std::size_t size() const override { return stations_.size(); }
  void begin_step(Time time) override;
  void append(std::size_t sensor, std::string& out) override;

 private:
  struct Station {
    WeatherModel model;
    std::string opening;  ///< `","city":"Athens","temperature_c":`
  };
  WeatherMemories memories_;
  std::vector<Station> stations_;
  double gaps_;
  Random gap_random_;
  Time time_{};
  std::string timestamp_;
};

}  // namespace weir::sim
