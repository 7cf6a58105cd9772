#include "weather_scene.hpp"

#include "decimal.hpp"
#include "record/json_text.hpp"
#include "time/timestamp.hpp"

namespace weir::sim {

WeatherScene::WeatherScene(const std::vector<City>& cities, std::uint64_t seed, Duration step, double gaps)
    : memories_(step), gaps_(gaps), gap_random_(derived_seed(seed, "gaps")) {
  stations_.reserve(cities.size());
  for (const City& city : cities) {
    std::string opening = "\",\"city\":";
    append_json_string(opening, city.name);
    opening += ",\"temperature_c\":";
    stations_.push_back({WeatherModel(city, seed, memories_), std::move(opening)});
  }
}

void WeatherScene::begin_step(Time time) {
  time_ = time;
  timestamp_ = "{\"timestamp\":\"";
  append_time(timestamp_, time);
}

void WeatherScene::append(std::size_t sensor, std::string& out) {
  Station& station = stations_[sensor];
  const WeatherReading reading = station.model.next(time_);
  const auto missing = [&] {
    if (gaps_ <= 0 || gap_random_.uniform() >= gaps_) return false;
    out += "null";
    return true;
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

}  // namespace weir::sim
