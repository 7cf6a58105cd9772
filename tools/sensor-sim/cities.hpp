// The cities that are simulated.
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
  double altitude_m = 0;      ///< cools; pressure is reduced to sea level
  double continentality = 0;  ///< 0 on an ocean's coast, 1 in the middle of a continent
  double wetness = 0;         ///< the share of hours with rain or snow
};

/// That many cities, the same ones every time; beyond the table they have names such as `City 57` and made-up climates.
std::vector<City> first_cities(std::size_t count);

/// The city of that name from the table, or one with a climate made up from the name.
City city_named(std::string_view name);

}  // namespace weir::sensor_sim
