#include "time/source_time.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "time/duration.hpp"
#include "time/plausible.hpp"
#include "time/saturating.hpp"

namespace weir {
namespace {

constexpr Time clocks_are_set_since{std::chrono::sys_days(std::chrono::year(2025) / 1 / 1)};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string_view::npos &&
         text.find('-', 1) == std::string_view::npos;
}

}  // namespace

SourceTime::SourceTime(const SourceTimeSettings& settings, RowOrder& order)
    : order_(order),
      format_text_(settings.format),
      unit_(settings.unit),
      parser_(Zone::named(settings.zone), settings.unit, settings.fold),
      local_(parser_.zone(), settings.fold) {
  if (settings.format.empty()) return;
  try {
    format_.emplace(settings.format);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("--time-format: ") + error.what());
  }
}

std::optional<Time> SourceTime::read(std::string_view text, RowOrder& order) {
  result_ = LocalTimes::Result::done;
  parser_.follow(order);
  const auto time = format_ ? read_formatted(text, order) : read_plain(text);
  if (time) LocalTimes::saw(*time, order);
  return time;
}

std::optional<Time> SourceTime::read_formatted(std::string_view text, const RowOrder& order) {
  const auto written = format_->parse(text);
  if (!written) return std::nullopt;
  if (written->kind == WrittenTime::Kind::instant) return Time(written->since_1970);
  const LocalTime wall(written->since_1970);
  Time time;
  result_ = written->abbreviation.empty() ? local_.to_utc(wall, order, time)
                                          : local_.to_utc(wall, written->abbreviation, time);
  if (LocalTimes::is_time(result_)) return time;
  return std::nullopt;
}

std::optional<Time> SourceTime::read_plain(std::string_view text) {
  Time time;
  if (!parser_.parse(text, time)) return std::nullopt;
  result_ = parser_.last_local();
  if (is_number(text) && !is_plausible_epoch(text, time)) return std::nullopt;
  return time;
}

std::string SourceTime::problem(std::string_view text) {
  const std::string value = "'" + std::string(text.substr(0, 60)) + "'";
  const std::string zone = parser_.zone().name();
  if (format_) {
    if (result_ == LocalTimes::Result::never) return value + " does not exist in " + zone + " (--tz)";
    if (result_ == LocalTimes::Result::twice) return value + " comes twice in " + zone + "; --fold decides";
    const std::string likely = likely_format(text);
    return value + " is not a time of --time-format '" + format_text_ + "'" +
           (likely.empty() ? "" : "; '" + likely + "' would read it");
  }
  if (const std::string change = parser_.clock_change_problem(text); !change.empty()) return value + " " + change;
  if (const std::string likely = likely_format(text); !likely.empty())
    return value + " is not a time as it is; --time-format '" + likely + "' would read it";
  if (is_number(text)) {
    const std::string unit(likely_unit(text));
    return value + " " + outside_text(unit_) + (unit.empty() ? "" : "; --time-unit " + unit + " would read it");
  }
  if (has_far_year(text)) return value + " " + std::string(far_year_text);
  return value + " is not a time; --time-format tells how it is written";
}

std::string ahead_of_clock(Time time, Time now, std::optional<Duration> limit) {
  if (!limit || now < clocks_are_set_since || time <= saturating_add(now, *limit)) return {};
  return fmt::format("{} is {} ahead of this machine's clock (--max-future)", format_time(time),
                     format_duration(std::chrono::floor<std::chrono::minutes>(saturating_distance(now, time))));
}

}  // namespace weir
