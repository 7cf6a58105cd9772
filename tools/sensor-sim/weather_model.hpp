// The weather of one city, step by step.
#pragma once
#include <cstdint>
#include <string_view>

#include "cities.hpp"
#include "random.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::sensor_sim {

/// A reading in the digits in which it is printed.
struct WeatherReading {
  std::int64_t temperature_hundredths = 0;  ///< of °C
  std::int64_t humidity = 0;                ///< %
  std::int64_t pressure = 0;                ///< hPa at sea level
  std::int64_t wind_hundredths = 0;         ///< of m/s
  std::string_view weather;                 ///< OpenWeatherMap's words
};

/// How much of a fluctuation is left after a step: what an AR(1) process x' = keep·x + add·noise needs to keep
/// variance 1.
struct Memory {
  double keep = 0;
  double add = 1;
  /// For fluctuations that fade with the time constant `fades`, seen every `step`.
  static Memory of(Duration step, Duration fades);
};

/// The memories of the processes that a model runs, the same for all cities of a scene.
struct WeatherMemories {
  explicit WeatherMemories(Duration step);
  Memory pressure;
  double pressure_scale = 1;  ///< pressure is smoothed twice, which lowers its variance
  Memory moisture;
  Memory cloud;
  Memory mood;
  Memory temperature;
  Memory wind;
};

/// Plausible weather, not a forecast: a yearly and a daily course by latitude, longitude and continentality, and on it
/// what fronts bring: slow swings of pressure (days), with low pressure bringing cloud, rain, wind and, in the mean,
/// milder air; swings of temperature of their own (days); moisture (half a day) and cloud (hours). Humidity follows
/// from temperature and dew point (Magnus' formula), the words from all of them, so that they agree with the numbers.
class WeatherModel {
 public:
  /// Same seed, same city, same steps: same weather, whatever other cities there are.
  WeatherModel(const City& city, std::uint64_t seed, const WeatherMemories& memories);

  /// The reading of the next step.
  WeatherReading next(Time time);

  /// What the readings to come depend on.
  void state(StateArchive& archive);

 private:
  struct Air {
    double temperature;
    double humidity;
    double wind;
    double cloud;  ///< above the rain threshold it rains
  };
  void advance();
  std::string_view words(const Air& air) const;

  const WeatherMemories* memories_;
  Random random_;
  // the climate
  double longitude_turns_;
  double summer_turns_;  ///< when the yearly course is highest
  double mean_c_;
  double year_c_;  ///< half the yearly swing
  double day_c_;   ///< half the daily swing under a clear sky
  double front_c_;
  double front_hpa_;
  double dryness_;
  double wind_ms_;
  double rain_from_;  ///< the cloud at which rain begins
  // the state: each of mean 0 and variance 1
  double pressure_drive_;
  double pressure_;
  double moisture_;
  double cloud_;
  double mood_;  ///< decides between words that fit alike
  double temperature_;
  double wind_east_;
  double wind_north_;
};

}  // namespace weir::sensor_sim
