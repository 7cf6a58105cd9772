// What win-agg is asked for.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "time/timestamp.hpp"
#include "window/aggregate.hpp"
#include "window/calendar.hpp"

namespace weir::win_agg {

/// What happens to records whose window is closed already; they are counted in any case.
enum class LateRecords : std::uint8_t { leave_out, write_to_side };

/// Whether rows of windows that are still open at the end of input are written.
enum class PartialRows : std::uint8_t { write, leave_out };

/// Which end belongs to a window: [start, end) or (start, end].
enum class ClosedEnd : std::uint8_t { left, right };

/// Whether statistics() has something to say.
enum class Statistics : std::uint8_t { keep_quiet, say };

/// Watermark lines of its own, or none but upstream's.
enum class Watermarks : std::uint8_t { pass_on, write };

/// Whose times the watermark follows: one for all records, or one for each key.
enum class WatermarkOf : std::uint8_t { stream, key };

struct WinAggSettings {
  std::string time_field = "timestamp";
  TimeParser time;
  Duration every{};                      ///< length of the windows, unless `calendar` says otherwise
  std::optional<CalendarUnit> calendar;  ///< days, weeks, months or years of `zone` instead
  Zone zone;                             ///< also of the parts of the time in `by`
  std::optional<Duration> size;          ///< of windows that overlap, one every `every`
  std::optional<Duration> gap;           ///< sessions instead, of records with pauses shorter than this
  std::optional<std::uint64_t> count;    ///< windows of so many records instead
  Time origin{};                         ///< where windows of a fixed length meet
  ClosedEnd closed = ClosedEnd::left;
  Duration lateness{};
  Duration allow_late{};               ///< so long closed windows still take records
  std::optional<Duration> early;       ///< rows of open windows at every multiple of this
  std::optional<Duration> max_future;  ///< records further ahead of the watermark are rejected
  WatermarkOf watermark = WatermarkOf::stream;
  std::vector<std::string> by;
  std::vector<Aggregate> aggregates;  ///< none: those of every numeric field that is found
  std::string having;                 ///< a condition: only rows for which it holds are written; empty: all
  std::size_t max_keys = 1'000'000;
  std::size_t max_fields = 64;                       ///< so many numeric fields are found at most
  LateRecords late = LateRecords::leave_out;         ///< beyond allow_late
  LateRecords late_copies = LateRecords::leave_out;  ///< within
  PartialRows partial = PartialRows::write;
  Watermarks watermarks = Watermarks::pass_on;
  Statistics statistics = Statistics::keep_quiet;
  std::optional<std::uint64_t> top;  ///< so many rows of a window, those with the greatest values
  std::string top_by;                ///< of this column; empty: of the first
  std::vector<std::string> top_per;  ///< for each value of these fields of `by`
};

/// Windows of `every`, as users write it: a duration, or a unit of the calendar; and where they meet: a time, a
/// duration, or nothing. Throws std::invalid_argument in the words of the options.
void set_every(WinAggSettings& settings, const std::string& every, const std::string& origin);

/// Throws std::invalid_argument, in the words of the options, when settings do not go together.
void check(const WinAggSettings& settings);

/// What is taken off every time: where the right end belongs to a window, (start, end] is [start, end) again within.
Duration shift_of(const WinAggSettings& settings);

/// Sessions whose rows are given before it is certain what belongs to them.
bool can_retract(const WinAggSettings& settings);

}  // namespace weir::win_agg
