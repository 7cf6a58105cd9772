// A city's day in figures: morning, evening, the latest reading, and the course of the temperature.
#pragma once
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "readings.hpp"
#include "time/zone.hpp"

namespace weir::summary_mail {

/// Hours of the local day, the first included, the last not.
struct PartOfDay {
  int from_hour;
  int to_hour;
};
inline constexpr PartOfDay morning_hours{6, 12};
inline constexpr PartOfDay evening_hours{18, 24};

/// A quantity over a part of the day; the readings that lack it are left out.
struct Measure {
  double mean;  ///< arithmetic mean of the readings
  double low;
  double high;
};

/// Figures over some readings.
struct Figures {
  std::size_t readings = 0;
  std::optional<Measure> temperature_c;  ///< °C
  std::optional<Measure> humidity;       ///< %
  std::optional<Measure> pressure;       ///< hPa
  std::optional<Measure> wind_speed;     ///< m/s
  /// The weather most often met; of equals, the one that came first.
  std::string weather;
  /// Every advice that holds for at least one of the readings, most urgent first: one hour of rain calls for an
  /// umbrella.
  std::vector<std::string_view> advice;
};

/// A point of the temperature's course.
struct CoursePoint {
  double hour;  ///< wall-clock hours since midnight, 0 to 24
  double temperature_c;
  Time time;
};

/// What a summary says of a city.
struct CityDay {
  std::string city;
  Figures morning;
  Figures evening;
  /// The latest reading of the day, alone; its mean, low and high are the same.
  std::optional<Figures> current;
  Time current_time{};
  std::vector<CoursePoint> course;  ///< by time; readings with a temperature alone
};

/// The date of a point of time in a zone.
std::chrono::year_month_day date_in(Time time, const Zone& zone);

/// The day's readings in figures. The day and its parts are those of the zone's wall clock. Of several readings with
/// the same time the last that came counts.
CityDay summarise_day(const std::string& city, const Readings::List& list, const Readings& readings, const Zone& zone,
                      std::chrono::year_month_day date);

/// Only the latest reading of all there are, as `current`; for a greeting.
CityDay summarise_current(const std::string& city, const Readings::List& list, const Readings& readings);

/// True when the day has a reading.
inline bool has_readings(const CityDay& day) { return day.current.has_value(); }

}  // namespace weir::summary_mail
