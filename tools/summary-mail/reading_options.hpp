// The options for the fields of a reading and the limits; for main.cpp alone, as the stage knows no options.
#pragma once
#include "cli/app.hpp"
#include "summary_mail.hpp"
#include "weather/options.hpp"

namespace weir::summary_mail {

struct ReadingOptions {
  ReadingFields fields;
  Readings::Limits limits;

  void define(cli::App& app) {
    app.group("Readings");
    app.option("--by", fields.city, "Field with the city").metavar("FIELD");
    weather::define_fields(app, fields);
    app.option("--pressure-field", fields.pressure, "Field with the pressure in hPa").metavar("FIELD");
    app.limit("--max-keys", limits.cities, "Most keys held; records of further keys are rejected");
    app.limit("--max-readings", limits.readings_a_city, "Most readings held for a city; further ones are rejected");
  }
};

}  // namespace weir::summary_mail
