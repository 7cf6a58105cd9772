// A city's day: morning, evening, the latest reading, and the course of the temperature.
#pragma once
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "readings.hpp"
#include "time/zone.hpp"

namespace weir::summary_mail {

/// Hours of the local day, [from, until).
struct PartOfDay {
  int from_hour;
  int to_hour;
};
inline constexpr PartOfDay morning_hours{6, 12};
inline constexpr PartOfDay evening_hours{18, 24};

/// A quantity over a part of the day; readings without it are left out.
struct Measure {
  double mean;  ///< arithmetic mean of the readings
  double low;
  double high;
};

/// The figures of some readings.
struct Figures {
  std::size_t readings = 0;
  std::optional<Measure> temperature_c;  ///< °C
  std::optional<Measure> humidity;       ///< %
  std::optional<Measure> pressure;       ///< hPa
  std::optional<Measure> wind_speed;     ///< m/s
  /// The most frequent description; of equally frequent ones, the first.
  std::string weather;
  /// Every advice that applies to at least one reading, most urgent first: one hour of rain calls for an umbrella.
  std::vector<std::string_view> advice;
};

/// A point of the temperature curve.
struct CoursePoint {
  double hour;  ///< wall-clock hours since midnight, 0 to 24
  double temperature_c;
  Time time;
};

/// The summary of a city.
struct CityDay {
  std::string city;
  Figures morning;
  Figures evening;
  /// The latest reading of the day alone; its mean, least and greatest are the same.
  std::optional<Figures> current;
  Time current_time{};
  std::vector<CoursePoint> course;  ///< by time; only readings with a temperature
};

/// The local date of a point of time.
std::chrono::year_month_day date_in(Time time, const Zone& zone);

/// The day that a summary is about, which depends on the clock and the subscriber's zone.
struct WhichDay {
  enum class Rule : std::uint8_t {
    last_evening,  ///< today once its evening has begun, else yesterday
    today,
    yesterday,
    date  ///< `date`
  };
  Rule rule = Rule::last_evening;
  std::chrono::year_month_day date{};

  /// The day for a subscriber of that zone when the clock shows `now`.
  std::chrono::year_month_day at(Time now, const Zone& zone) const;
};

/// Reads `today`, `yesterday` or `YYYY-MM-DD`; nothing when it is none of them.
std::optional<WhichDay> parse_which_day(std::string_view text);

/// Summarizes a day. The day and its parts are by the zone's wall clock; of readings with the same time the last one
/// counts.
CityDay summarise_day(const std::string& city, const Readings::List& list, const Readings& readings, const Zone& zone,
                      std::chrono::year_month_day date);

/// Summarizes only the latest of all readings, as `current`; for a greeting.
CityDay summarise_current(const std::string& city, const Readings::List& list, const Readings& readings);

/// True when the day has a reading.
inline bool has_readings(const CityDay& day) { return day.current.has_value(); }

}  // namespace weir::summary_mail
