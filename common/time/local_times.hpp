// Wall-clock times become points of time, also around the nights when clocks change.
#pragma once
#include <cstdint>
#include <string_view>

#include "time/time_types.hpp"
#include "time/zone.hpp"

namespace weir {

/// The meaning of a wall-clock time that happens twice, because clocks are set back.
enum class Fold : std::uint8_t {
  infer,  ///< the first, until rows that come in order have passed it
  first,  ///< before the change
  last,   ///< after it
  reject  ///< neither: it is rejected
};

/// What is known of the series that rows are of.
enum class Series : std::uint64_t {
  unknown,  ///< no row or one has come
  rising,   ///< a row has come later than the one before, and none at the same time: perhaps one series
  several,  ///< two rows in a row had the same time
  one       ///< rows have a key, and each key an order of its own
};

/// The rows so far that come in order, for Fold::infer. Plain memory without gaps: it can be saved as it lies.
struct RowOrder {
  Time last = Time::min();
  Series series = Series::unknown;
};

/// Turns the wall-clock times of one zone into points of time. Remembers a stretch in which the offset is the same, so
/// that only the days around a change cost a search; not thread-safe.
class LocalTimes {
 public:
  enum class Result : std::uint8_t {
    done,
    guessed,   ///< it happens twice, and no earlier row decides: the first was taken
    repeated,  ///< it happens twice, and the row before has it too: the second was taken, as of one series
    twice,     ///< it happens twice, and Fold::reject was given
    never      ///< clocks were set forward past it
  };
  /// Whether a result gives a time.
  static bool is_time(Result result) { return result <= Result::repeated; }

  explicit LocalTimes(Zone zone = {}, Fold fold = Fold::reject) : zone_(zone), fold_(fold) {}

  const Zone& zone() const { return zone_; }

  /// The point of time of a wall-clock time, into `time`, which is of no use unless is_time(result).
  /// `order` is that of the rows before this one with the same key; it does not change (saw() does that).
  Result to_utc(LocalTime local, const RowOrder& order, Time& time);

  /// As above, where the text also has the zone's abbreviation at that time, such as CEST: it decides. An abbreviation
  /// that the zone does not have at this time gives `never`.
  Result to_utc(LocalTime local, std::string_view abbreviation, Time& time) const;

  /// A row's point of time is known.
  static void saw(Time time, RowOrder& order);

 private:
  Zone zone_;
  Fold fold_;
  LocalTime same_from_ = LocalTime::max();  ///< from here to same_to_ the offset is same_offset_
  LocalTime same_to_ = LocalTime::min();
  Duration same_offset_{};
};

}  // namespace weir
