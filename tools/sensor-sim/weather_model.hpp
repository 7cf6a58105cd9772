// The weather of one city, step by step.
#pragma once
#include <cstdint>
#include <string_view>

#include "cities.hpp"
#include "state/archive.hpp"
#include "state/random.hpp"
#include "time/time_types.hpp"

namespace weir::sensor_sim {

/// A reading with the digits that are printed.
struct WeatherReading {
  std::int64_t temperature_hundredths = 0;  ///< of °C
  std::int64_t humidity = 0;                ///< %
  std::int64_t pressure = 0;                ///< hPa at sea level
  std::int64_t wind_hundredths = 0;         ///< of m/s
  std::string_view weather;                 ///< as OpenWeatherMap describes it
};

/// The coefficients of an AR(1) process x' = keep·x + add·noise with variance 1.
struct Memory {
  double keep = 0;
  double add = 1;
  /// Coefficients for fluctuations with the time constant `fades`, sampled every `step`.
  static Memory of(Duration step, Duration fades);
};

/// The coefficients of a model's processes, the same for all cities of a scene.
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

/// Plausible weather, not a forecast. A yearly and a daily course follow from latitude, longitude and continentality.
/// Fronts are added: slow swings of pressure (days), where low pressure brings cloud, rain, wind and, on average,
/// milder air; swings of temperature (days); moisture (half a day); and cloud (hours).
///
/// Humidity follows from temperature and dew point (Magnus' formula), the description from all values, so that it
/// agrees with them.
class WeatherModel {
 public:
  /// The weather depends on seed, city and steps alone, whatever other cities there are.
  WeatherModel(const City& city, std::uint64_t seed, const WeatherMemories& memories);

  /// The reading of the next step.
  WeatherReading next(Time time);

  /// Saves or loads the state on which later readings depend.
  void state(StateArchive& archive);

 private:
  struct Air {
    double temperature;
    double humidity;
    double wind;
    double cloud;  ///< above the rain threshold it rains
  };
  void advance();
  std::string_view description(const Air& air) const;

  const WeatherMemories* memories_;
  Random random_;
  // Climate.
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
  // State: processes of mean 0 and variance 1.
  double pressure_drive_;
  double pressure_;
  double moisture_;
  double cloud_;
  double mood_;  ///< decides between descriptions that fit alike
  double temperature_;
  double wind_east_;
  double wind_north_;
};

}  // namespace weir::sensor_sim
