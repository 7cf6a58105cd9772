#include "window/calendar.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weir {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::year_month_day;

/// Days that a Time can hold at any offset from UTC.
constexpr std::int64_t furthest_day = 106749;

constexpr std::array<std::pair<std::string_view, CalendarUnit>, 4> units{{{"day", CalendarUnit::day},
                                                                          {"week", CalendarUnit::week},
                                                                          {"month", CalendarUnit::month},
                                                                          {"year", CalendarUnit::year}}};

}  // namespace

std::optional<CalendarUnit> parse_calendar_unit(std::string_view text) {
  for (const auto& [name, unit] : units)
    if (name == text) return unit;
  return std::nullopt;
}

local_days CalendarWindows::first_day(local_days day) const {
  const year_month_day date(day);
  switch (unit_) {
    case CalendarUnit::day:
      break;
    case CalendarUnit::week:
      return day - (std::chrono::weekday(day) - std::chrono::Monday);
    case CalendarUnit::month:
      return local_days(date.year() / date.month() / 1);
    case CalendarUnit::year:
      return local_days(date.year() / 1 / 1);
  }
  return day;
}

local_days CalendarWindows::next_first_day(local_days first) const {
  const year_month_day date(first);
  switch (unit_) {
    case CalendarUnit::day:
      break;
    case CalendarUnit::week:
      return first + days(7);
    case CalendarUnit::month:
      return local_days(date + std::chrono::months(1));
    case CalendarUnit::year:
      return local_days(date + std::chrono::years(1));
  }
  return first + days(1);
}

Time CalendarWindows::midnight(local_days day) const {
  if (day.time_since_epoch().count() >= furthest_day) return Time::max();
  if (day.time_since_epoch().count() <= -furthest_day) return Time::min();
  return zone_.to_utc(LocalTime(day));
}

Window CalendarWindows::window_of(Time time) const {
  const std::int64_t day = time.time_since_epoch() / days(1);
  // Near the ends of Time a local time cannot be computed; such times belong to the last day that has one.
  const Time near = Time(days(std::clamp<std::int64_t>(day, -(furthest_day - 2), furthest_day - 2)));
  const Time held = day == near.time_since_epoch() / days(1) ? time : near;
  local_days first = first_day(std::chrono::floor<days>(zone_.to_local(held)));
  Window window{midnight(first), midnight(next_first_day(first))};
  // Where clocks are set back across midnight, the repeated evening belongs to the day that has begun already.
  while (held >= window.end && window.end != Time::max()) {
    first = next_first_day(first);
    window = {window.end, midnight(next_first_day(first))};
  }
  if (time < window.start) window.start = Time::min();
  if (time >= window.end) window.end = Time::max();
  return window;
}

}  // namespace weir
