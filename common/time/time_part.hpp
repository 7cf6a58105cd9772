// Parts of a wall-clock time: the hour of the day, the day of the week.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "time/zone.hpp"

namespace weir {

/// A part of a time as a number: minutes 0 to 59, hours 0 to 23, days of the week 1 (Monday) to 7, weeks of the year 1
/// to 53 as in ISO 8601, others from 1.
enum class TimePart : std::uint8_t {
  minute_of_hour,
  hour_of_day,
  day_of_week,
  day_of_month,
  day_of_year,
  week_of_year,
  month_of_year,
  quarter_of_year
};

/// Reads a part's name.
std::optional<TimePart> parse_time_part(std::string_view name);

/// The part of a wall-clock time.
int part_of(LocalTime time, TimePart part);

}  // namespace weir
