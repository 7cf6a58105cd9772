#include "weather/reading_fields.hpp"

namespace weir::weather {

std::vector<NamedField> ReadingFields::named() const {
  const ReadingFields usual;
  std::vector<NamedField> fields{{temperature, "--temperature-field"}};
  const auto add = [&fields](const std::string& path, const std::string& usual_path, const char* option) {
    if (path != usual_path) fields.push_back({path, option});
  };
  add(humidity, usual.humidity, "--humidity-field");
  add(wind, usual.wind, "--wind-field");
  add(weather, usual.weather, "--weather-field");
  return fields;
}

}  // namespace weir::weather
