// Timestamps in and out: the one parser and the one formatter.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "time/epoch_unit.hpp"
#include "time/local_times.hpp"
#include "time/milliseconds.hpp"
#include "time/time_types.hpp"
#include "time/zone.hpp"

namespace weir {

/// Reads the timestamps of a stream.
///
/// Text is RFC 3339 (`2026-01-01T00:05:00.25+02:00`; `t`, `z`, a space for the T, offsets `+0200` and `+02`, and
/// `24:00` are allowed, leap second :60 is the next minute's 00) or `YYYY-MM-DD HH:MM[:SS[.fraction]]` without an
/// offset, which is wall-clock time in the zone given; one that does not exist there is no timestamp. Digits beyond
/// nanoseconds are cut. A number, and text that is wholly a JSON number, is an epoch in the unit given. Remembers the
/// minute and the day of the last timestamp, so that in an ordered stream they cost one comparison; not thread-safe.
class TimeParser {
 public:
  explicit TimeParser(Zone zone = {}, EpochUnit unit = EpochUnit::s, Fold fold = Fold::reject)
      : local_(zone, fold), unit_(unit) {}

  /// Nothing when the text is not a timestamp or lies outside 1678 to 2261.
  std::optional<Time> parse(std::string_view text) {
    Time time;
    return parse(text, time) ? std::optional(time) : std::nullopt;
  }

  /// As above, into `time`. Returns false when the text is not a timestamp; `time` is then undefined.
  bool parse(std::string_view text, Time& time);

  /// As parse(), for a text in the minute of an earlier one, with milliseconds and Z. False for any other text: parse()
  /// decides on it.
  bool parse_alike(std::string_view text, Time& time) const {
    if (text.size() != 24 || !is_plain_minute_ || std::memcmp(text.data(), last_text_.data(), last_text_.size()) != 0)
      return false;
    std::int64_t ns = 0;
    if (!read_milliseconds(text.data() + last_text_.size(), ns)) return false;
    time = Time(last_minute_ + Duration(ns));
    return true;
  }

  /// An epoch in this parser's unit, from a JSON number's digits (`1661870592`, `1.66e9`, `1661870592.25`).
  std::optional<Time> parse_epoch(std::string_view digits) const;

  /// Why parse() refuses a text of the right form: the zone's clocks skip that time, or show it twice; else empty.
  std::string clock_change_problem(std::string_view text);

  /// For Fold::infer: the order of the rows so far, which must outlive this.
  void follow(const RowOrder& order) {
    order_ = &order;
    last_local_ = {};
  }
  /// How the last local time since follow() was resolved.
  LocalTimes::Result last_local() const { return last_local_; }

  const Zone& zone() const { return local_.zone(); }

 private:
  bool read_minute(const char* p);
  bool read_local(LocalTime local, Time& time);

  LocalTimes local_;
  const RowOrder* order_ = nullptr;
  EpochUnit unit_;
  LocalTimes::Result last_local_{};         ///< how the last local time was resolved
  std::array<char, 16> last_text_{};        ///< down to the minute
  std::chrono::nanoseconds last_day_{};     ///< of the minute's first ten bytes
  std::chrono::nanoseconds last_minute_{};  ///< of all these bytes, as wall-clock time
  bool is_plain_minute_ = false;            ///< all seconds of the minute in UTC, and :60, are times
};

/// Appends RFC 3339 in UTC with `Z`: seconds, and 3, 6 or 9 digits of fraction where there is one.
void append_time(std::string& out, Time time);

/// As append_time(), in a new string.
std::string format_time(Time time);

/// The wall-clock date `YYYY-MM-DD` of a point of time in a zone.
std::string format_date(Time time, const Zone& zone);

/// Reads `YYYY-MM-DD`; nothing when it is not a date.
std::optional<std::chrono::year_month_day> parse_date(std::string_view text);

}  // namespace weir
