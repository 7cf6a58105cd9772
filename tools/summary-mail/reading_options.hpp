// The options that say what a reading is and how many are held; for main.cpp alone, as the stage knows no options.
#pragma once
#include "cli/app.hpp"
#include "summary_mail.hpp"

namespace weir::summary_mail {

struct ReadingOptions {
  ReadingFields fields;  ///< the time's is that of cli::TimeOptions
  Readings::Limits limits;
  Duration max_future = std::chrono::hours(1);

  void define(cli::App& app) {
    app.option("--max-future", max_future, "Reject readings that are further ahead of the clock").may_change();
    app.group("Readings");
    app.option("--by", fields.city, "The field that holds the city").metavar("FIELD");
    app.option("--temperature", fields.temperature, "The field that holds the temperature in °C").metavar("FIELD");
    app.option("--humidity", fields.humidity, "The field that holds the humidity in %").metavar("FIELD");
    app.option("--pressure", fields.pressure, "The field that holds the pressure in hPa").metavar("FIELD");
    app.option("--wind", fields.wind, "The field that holds the wind's speed in m/s").metavar("FIELD");
    app.option("--weather", fields.weather, "The field that holds the weather in words").metavar("FIELD");
    app.option("--max-keys", limits.cities, "Most cities held; readings of more are rejected").at_least(1).may_change();
    app.option("--max-readings", limits.readings_a_city, "Most readings held for a city; more are rejected")
        .at_least(1)
        .may_change();
  }
};

}  // namespace weir::summary_mail
