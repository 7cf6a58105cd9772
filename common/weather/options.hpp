// The options that name the fields of a weather reading; for main.cpp alone, as the room itself knows no options.
#pragma once
#include "cli/app.hpp"
#include "weather/reading_fields.hpp"

namespace weir::weather {

inline void define_fields(cli::App& app, ReadingFields& fields) {
  app.field("--temperature-field", fields.temperature, "Field with the temperature in °C");
  app.field("--humidity-field", fields.humidity, "Field with the humidity in %");
  app.field("--wind-field", fields.wind, "Field with the wind speed in m/s");
  app.field("--weather-field", fields.weather, "Field with the description of the weather");
}

}  // namespace weir::weather
