// Sample readings for the tests of summary-mail.
#pragma once
#include <string_view>

#include "readings.hpp"
#include "time/timestamp.hpp"

namespace weir::summary_mail {

inline Time at(std::string_view text) { return *TimeParser().parse(text); }

inline std::chrono::year_month_day date(std::string_view text) { return *parse_date(text); }

/// Adds a reading while the clock shows its own time; true when it was accepted.
inline bool add(Readings& readings, std::string_view city, std::string_view time, double temperature,
                std::string_view weather = "", double wind = unknown, double humidity = unknown,
                double pressure = unknown) {
  return !readings.add(city, {at(time), temperature, humidity, pressure, wind, 0}, weather, at(time)).rejected();
}

}  // namespace weir::summary_mail
