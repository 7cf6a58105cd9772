// How much a meter went up.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/decimal.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"
#include "window/token.hpp"

namespace weir {

/// A reading of a counter.
struct CounterReading {
  Time time{};
  double value = 0;
  Token digits;
  void state(StateArchive& archive) { archive.values(time, value, digits); }
};

/// The increase of a counter that starts again from zero: the sum of its rises, by time. Where it falls, the new value
/// counts from zero, as increase() of Prometheus has it (without that function's extrapolation).
///
/// Readings are kept by time. Beyond `many` those that lie inside a rise are left out, which changes nothing unless
/// another reading comes between them later that is lower than both. Of equal times the greater value comes last.
class Increase {
 public:
  static constexpr std::size_t many = 64;
  static constexpr std::size_t most = 1024;

  void add(Time time, double value, std::string_view digits);
  void merge(const Increase& other);

  bool empty() const { return readings_.empty(); }

  /// The increase since the last reading of `before`, or since the first reading where there is none. Not empty.
  DecimalSum since(const Increase* before) const;

  /// Takes the last reading of another in place of its own; nothing when the other is empty.
  void take_last(const Increase& other);

  void state(StateArchive& archive) { archive.values(readings_, first_, folded_); }

 private:
  using Reading = CounterReading;
  static bool falls(const Reading& from, const Reading& to);
  static Reading copy_of(const Reading& reading);
  static bool comes_before(const Reading& a, const Reading& b);
  void compact();
  void fold();
  void add_rises(DecimalSum& sum, const Reading* before, std::size_t end) const;

  std::vector<Reading> readings_;
  std::optional<Reading> first_;  ///< the first of all, once there were so many falls that readings were folded
  DecimalSum folded_;             ///< the rises from first_ to the first of readings_
};

}  // namespace weir
