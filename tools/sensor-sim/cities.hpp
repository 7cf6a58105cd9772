// The simulated cities.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weir::sensor_sim {

/// A city and its climate.
struct City {
  std::string name;
  double latitude = 0;        ///< degrees north
  double longitude = 0;       ///< degrees east
  double altitude_m = 0;      ///< metres: cools the air; pressure is reduced to sea level
  double continentality = 0;  ///< 0 on an ocean's coast, 1 in the middle of a continent
  double wetness = 0;         ///< the share of hours with rain or snow
};

/// Returns that many cities, the same in every run. Beyond the table they have names such as `City 57` and invented
/// climates.
std::vector<City> first_cities(std::size_t count);

/// The city of that name from the table, or one whose climate is derived from the name.
City city_named(std::string_view name);

}  // namespace weir::sensor_sim
