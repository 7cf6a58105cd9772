#include "weather_scene.hpp"

#include "decimal.hpp"
#include "derived_seed.hpp"
#include "record/json_text.hpp"

namespace weir::sensor_sim {

WeatherScene::WeatherScene(const std::vector<City>& cities, std::uint64_t seed, Duration step, double gaps)
    : StampedScene(cities.size(), gaps), memories_(step) {
  for (const City& city : cities) {
    std::string opening = "\",\"city\":";
    append_json_string(opening, city.name);
    opening += ",\"temperature_c\":";
    Station station{
        WeatherModel(city, seed, memories_), std::move(opening), Random(derived_seed(seed, city.name + " gaps")), {}};
    for (bool& missing : station.missing) missing = gaps_.first(station.gap_random);
    sensors_.push_back(std::move(station));
  }
}

void WeatherScene::append(std::size_t sensor, std::string& out) {
  Station& station = sensors_[sensor];
  const WeatherReading reading = station.model.next(time_);
  std::size_t number = 0;
  const auto missing = [&] {
    if (!gaps_.any()) return false;
    bool& state = station.missing[number++];
    const bool now = state;
    state = gaps_.next(state, station.gap_random);
    if (now) out += "null";
    return now;
  };
  out += timestamp_;
  out += station.opening;
  if (!missing()) append_hundredths(out, reading.temperature_hundredths);
  out += ",\"humidity\":";
  if (!missing()) append_number(out, reading.humidity);
  out += ",\"pressure\":";
  if (!missing()) append_number(out, reading.pressure);
  out += ",\"wind_speed\":";
  if (!missing()) append_hundredths(out, reading.wind_hundredths);
  out += ",\"weather\":\"";
  out += reading.weather;
  out += "\"}\n";
}

}  // namespace weir::sensor_sim
