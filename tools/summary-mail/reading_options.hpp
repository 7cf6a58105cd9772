// The options for the fields of a reading and the limits; for main.cpp alone, as the stage knows no options.
#pragma once
#include "cli/app.hpp"
#include "summary_mail.hpp"
#include "weather/options.hpp"

namespace weir::summary_mail {

inline void define_readings(cli::App& app, ReadingFields& fields, Readings::Limits& limits) {
  app.group("Readings");
  app.field("--by", fields.city, "Field with the city");
  weather::define_fields(app, fields);
  app.field("--pressure-field", fields.pressure, "Field with the pressure in hPa");
  app.limit("--max-keys", limits.cities, "Most keys held; records of further keys are rejected");
  app.limit("--max-readings", limits.readings_a_city, "Most readings held for a city; further ones are rejected");
}

}  // namespace weir::summary_mail
