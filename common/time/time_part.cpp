#include "time/time_part.hpp"

#include <array>
#include <chrono>
#include <utility>

#include "time/time_of_day.hpp"

namespace weir {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::year_month_day;

constexpr std::array<std::pair<std::string_view, TimePart>, 8> names{{{"minute_of_hour", TimePart::minute_of_hour},
                                                                      {"hour_of_day", TimePart::hour_of_day},
                                                                      {"day_of_week", TimePart::day_of_week},
                                                                      {"day_of_month", TimePart::day_of_month},
                                                                      {"day_of_year", TimePart::day_of_year},
                                                                      {"week_of_year", TimePart::week_of_year},
                                                                      {"month_of_year", TimePart::month_of_year},
                                                                      {"quarter_of_year", TimePart::quarter_of_year}}};

int iso_weekday(local_days day) { return static_cast<int>(std::chrono::weekday(day).iso_encoding()); }

int day_of_year(local_days day) {
  return static_cast<int>((day - local_days(year_month_day(day).year() / 1 / 1)).count()) + 1;
}

}  // namespace

std::optional<TimePart> parse_time_part(std::string_view name) {
  for (const auto& [each, part] : names)
    if (each == name) return part;
  return std::nullopt;
}

int part_of(LocalTime time, TimePart part) {
  const local_days day = std::chrono::floor<days>(time);
  switch (part) {
    case TimePart::minute_of_hour:
      return static_cast<int>(time_of_day(time) / std::chrono::minutes(1) % 60);
    case TimePart::hour_of_day:
      return static_cast<int>(time_of_day(time) / std::chrono::hours(1));
    case TimePart::day_of_week:
      return iso_weekday(day);
    case TimePart::day_of_month:
      return static_cast<int>(static_cast<unsigned>(year_month_day(day).day()));
    case TimePart::day_of_year:
      return day_of_year(day);
    case TimePart::week_of_year:  // ISO 8601: the year of a week's Thursday
      return (day_of_year(day + days(4 - iso_weekday(day))) + 6) / 7;
    case TimePart::month_of_year:
      return static_cast<int>(static_cast<unsigned>(year_month_day(day).month()));
    case TimePart::quarter_of_year:
      return (static_cast<int>(static_cast<unsigned>(year_month_day(day).month())) + 2) / 3;
  }
  return 0;
}

}  // namespace weir
