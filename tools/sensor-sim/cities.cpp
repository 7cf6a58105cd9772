#include "cities.hpp"

#include <array>
#include <utility>

#include "derived_seed.hpp"

#include "no_contraction.hpp"

namespace weir::sensor_sim {
namespace {

struct Row {
  std::string_view name;
  double latitude;
  double longitude;
  double altitude_m;
  double continentality;
  double wetness;
};

/// Coordinates are the cities' own; continentality and wetness are estimates.
constexpr std::array<Row, 44> table{{
    {"Athens", 37.98, 23.73, 70, 0.35, 0.07},         {"London", 51.51, -0.13, 20, 0.20, 0.16},
    {"New York", 40.71, -74.01, 10, 0.55, 0.13},      {"Tokyo", 35.68, 139.69, 40, 0.30, 0.13},
    {"Sydney", -33.87, 151.21, 20, 0.15, 0.13},       {"Nairobi", -1.29, 36.82, 1795, 0.35, 0.11},
    {"Reykjavik", 64.15, -21.94, 30, 0.05, 0.24},     {"Delhi", 28.61, 77.21, 220, 0.60, 0.08},
    {"Chicago", 41.88, -87.63, 180, 0.75, 0.13},      {"Buenos Aires", -34.60, -58.38, 25, 0.30, 0.11},
    {"Singapore", 1.35, 103.82, 15, 0.00, 0.20},      {"Moscow", 55.76, 37.62, 150, 0.75, 0.17},
    {"Cairo", 30.04, 31.24, 25, 0.55, 0.01},          {"Vancouver", 49.28, -123.12, 10, 0.15, 0.22},
    {"Lisbon", 38.72, -9.14, 50, 0.15, 0.09},         {"Beijing", 39.90, 116.41, 45, 0.85, 0.07},
    {"Winnipeg", 49.90, -97.14, 240, 0.95, 0.12},     {"Cape Town", -33.92, 18.42, 20, 0.15, 0.08},
    {"Oslo", 59.91, 10.75, 20, 0.45, 0.14},           {"Mumbai", 19.08, 72.88, 10, 0.15, 0.17},
    {"Madrid", 40.42, -3.70, 660, 0.60, 0.07},        {"Paris", 48.86, 2.35, 35, 0.35, 0.14},
    {"Berlin", 52.52, 13.40, 35, 0.50, 0.14},         {"Rome", 41.90, 12.50, 20, 0.30, 0.09},
    {"Vienna", 48.21, 16.37, 170, 0.55, 0.13},        {"Warsaw", 52.23, 21.01, 110, 0.60, 0.14},
    {"Stockholm", 59.33, 18.07, 20, 0.45, 0.13},      {"Helsinki", 60.17, 24.94, 20, 0.50, 0.15},
    {"Istanbul", 41.01, 28.98, 40, 0.30, 0.10},       {"Lagos", 6.52, 3.38, 10, 0.10, 0.16},
    {"Casablanca", 33.57, -7.59, 50, 0.15, 0.06},     {"Dubai", 25.20, 55.27, 5, 0.45, 0.01},
    {"Tehran", 35.69, 51.39, 1190, 0.75, 0.05},       {"Bangkok", 13.76, 100.50, 5, 0.20, 0.14},
    {"Hong Kong", 22.32, 114.17, 10, 0.20, 0.15},     {"Seoul", 37.57, 126.98, 40, 0.65, 0.10},
    {"Auckland", -36.85, 174.76, 20, 0.05, 0.17},     {"San Francisco", 37.77, -122.42, 20, 0.05, 0.07},
    {"Denver", 39.74, -104.99, 1609, 0.80, 0.08},     {"Toronto", 43.65, -79.38, 80, 0.65, 0.15},
    {"Mexico City", 19.43, -99.13, 2240, 0.40, 0.12}, {"Lima", -12.05, -77.04, 150, 0.05, 0.02},
    {"Anchorage", 61.22, -149.90, 30, 0.40, 0.16},    {"Melbourne", -37.81, 144.96, 30, 0.20, 0.13},
}};

City from_row(const Row& row) {
  return {std::string(row.name), row.latitude, row.longitude, row.altitude_m, row.continentality, row.wetness};
}

}  // namespace

std::vector<City> first_cities(std::size_t count) {
  std::vector<City> cities;
  cities.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    cities.push_back(i < table.size() ? from_row(table[i]) : city_named("City " + std::to_string(i + 1)));
  return cities;
}

City city_named(std::string_view name) {
  for (const Row& row : table)
    if (row.name == name) return from_row(row);
  Random random(derived_seed(0, name));
  City city;
  city.name = name;
  city.latitude = random.uniform() * 110 - 45;  // where most people live: 45° S to 65° N
  city.longitude = random.uniform() * 360 - 180;
  const double height = random.uniform();
  city.altitude_m = 1500 * height * height * height;
  city.continentality = random.uniform();
  city.wetness = 0.02 + 0.18 * random.uniform();
  return city;
}

}  // namespace weir::sensor_sim
