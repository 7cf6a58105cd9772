// The settings of win-agg, as its options give them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/counted.hpp"
#include "record/time_field.hpp"
#include "time/time_types.hpp"

namespace weir::win_agg {

/// Whether rows of windows that are still open at the end of input are written.
enum class PartialRows : std::uint8_t { write, leave_out };

/// Which end belongs to a window: [start, end) or (start, end].
enum class ClosedEnd : std::uint8_t { left, right };

/// Whether statistics() reports where the records went.
enum class Statistics : std::uint8_t { none, report };

/// Whether watermark lines other than upstream's are written.
enum class Watermarks : std::uint8_t { pass_on, write };

/// Whose times the watermark follows: one watermark for all records, or one per key.
enum class WatermarkOf : std::uint8_t { stream, key, input };

struct Settings {
  TimeSettings time;
  std::string every;                   ///< a duration, or a unit of the calendar; empty with `gap` and `count`
  std::optional<Duration> size;        ///< of windows that overlap, one every `every`
  std::optional<Duration> gap;         ///< sessions instead: a pause of this length ends them
  std::optional<std::uint64_t> fill;   ///< rows of so many empty windows after a key's last
  std::optional<Duration> max_length;  ///< at which a session ends, and the next one begins
  std::optional<std::uint64_t> count;  ///< windows of this many records instead
  std::string origin;                  ///< where windows meet: a time or a duration; empty: 1970
  ClosedEnd closed = ClosedEnd::left;
  Duration lateness{};
  Duration allow_late{};          ///< how long closed windows still take records
  std::optional<Duration> early;  ///< rows of open windows at every multiple of this
  WatermarkOf watermark = WatermarkOf::stream;
  LateOption late;        ///< where records beyond allow_late go
  std::string late_copy;  ///< the path of the side file for copies of records within allow_late
  PartialRows partial = PartialRows::write;
  Watermarks watermarks = Watermarks::pass_on;
  Statistics statistics = Statistics::none;
  std::vector<std::string> by;       ///< each `FIELD` or `FIELD as NAME`
  std::vector<std::string> local;    ///< parts of the window's start in the zone: date, hour
  std::string aggregates;            ///< a list; empty: those of every numeric field found
  std::string having;                ///< a condition: only rows for which it holds are written; empty: all rows
  std::optional<std::uint64_t> top;  ///< only this many rows of a window, those with the greatest values
  std::string top_by;                ///< of this column; empty: of the first
  std::vector<std::string> top_per;  ///< for each value of these fields of `by`
  std::uint64_t max_keys = 1'000'000;
  std::uint64_t max_fields = 64;  ///< of numeric fields found
  bool partials = false;          ///< rows have the parts of aggregates, for another win-agg to merge
  bool merges = false;            ///< the records are such rows
  bool strict = false;            ///< a value that is not a number rejects its record
};

/// Throws std::invalid_argument, naming the options, when settings do not go together.
void check(const Settings& settings);

/// What is taken off every time: with the right end closed, (start, end] of a time is [start, end) 1 ns before it.
Duration shift_of(const Settings& settings);

/// The word of the option, as rows of parts have it.
std::string_view name_of(ClosedEnd closed);

/// Whether a session's row may be written before it is certain which records belong to it.
bool can_retract(const Settings& settings);

}  // namespace weir::win_agg
