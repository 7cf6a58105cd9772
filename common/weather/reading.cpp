#include "weather/reading.hpp"

#include "record/object_writer.hpp"

namespace weir::weather {
namespace {

std::string_view token_or_null(const std::string& token) { return token.empty() ? std::string_view("null") : token; }

}  // namespace

void append_reading(std::string& out, std::string_view city, const Reading& reading, Extras extras) {
  ObjectWriter object(out);
  object.time("timestamp", reading.time).string("city", city);
  object.raw("temperature_c", token_or_null(reading.temperature_c))
      .raw("humidity", token_or_null(reading.humidity))
      .raw("pressure", token_or_null(reading.pressure))
      .raw("wind_speed", token_or_null(reading.wind_speed));
  if (reading.weather.empty()) {
    object.null("weather");
  } else {
    object.string("weather", reading.weather);
  }
  if (extras == Extras::append)
    for (const auto& [name, token] : reading.extras) object.raw(name, token);
  object.end();
}

}  // namespace weir::weather
