// Days, weeks, months and years of a time zone.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "time/zone.hpp"
#include "window/window.hpp"

namespace weir {

/// Weeks begin on Monday (ISO 8601).
enum class CalendarUnit : std::uint8_t { day, week, month, year };

/// Reads `day`, `week`, `month` or `year`.
std::optional<CalendarUnit> parse_calendar_unit(std::string_view text);

/// Windows from one local midnight to another; a day has 23 or 25 hours where the clocks change. A repeated midnight
/// means the earlier one, a skipped midnight the moment of the change. Every time lies in exactly one window.
class CalendarWindows {
 public:
  CalendarWindows(CalendarUnit unit, Zone zone) : unit_(unit), zone_(zone) {}

  /// The window of a time. Beyond 1678 and 2261 it ends at the limits of Time.
  Window window_of(Time time) const;

 private:
  std::chrono::local_days first_day(std::chrono::local_days day) const;
  std::chrono::local_days next_first_day(std::chrono::local_days first) const;
  Time midnight(std::chrono::local_days day) const;

  CalendarUnit unit_;
  Zone zone_;
};

}  // namespace weir
