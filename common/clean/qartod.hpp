// The tests of QARTOD on the values of a series, in event time: range, spike, rate of change, flat line, gap.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::clean {

/// The flags of QARTOD.
enum class Flag : std::uint8_t { good = 1, not_evaluated = 2, suspect = 3, fail = 4, missing = 9 };

/// The flag of two tests together: fail, then suspect, good, not evaluated, missing.
Flag together(Flag a, Flag b);

/// The tests, in the order of their flags.
enum class QartodTest : std::uint8_t { range, spike, rate, flat, gap };
inline constexpr std::size_t qartod_tests = 5;
inline constexpr std::array<std::string_view, qartod_tests> qartod_names{"range", "spike", "rate", "flat", "gap"};

/// Two thresholds of a test; either may be missing.
template <typename Amount>
struct Thresholds {
  std::optional<Amount> suspect, fail;
  bool any() const { return suspect || fail; }
  Flag flag(const Amount& amount) const {
    return fail && amount > *fail ? Flag::fail : suspect && amount > *suspect ? Flag::suspect : Flag::good;
  }
};

/// A span of values; either end may be open.
struct ValueSpan {
  std::optional<double> low, high;
  bool has(double value) const { return !(low && value < *low) && !(high && value > *high); }
};

/// The tests of one series and their thresholds.
struct QartodRule {
  std::optional<ValueSpan> fail_span, suspect_span;
  Thresholds<double> spike;  ///< difference from the mean of both neighbours
  Thresholds<double> rate;   ///< change per second
  std::optional<Duration> flat_suspect, flat_fail;
  double flat_tolerance = 0;
  Thresholds<Duration> gap;

  bool has(QartodTest test) const;
};

/// Reads tests, separated by semicolons: `range 0..14 suspect 6..9; spike 0.5 1.5; rate 0.1/1m 0.5/1m; flat 1h 3h
/// within 0.01; gap 30m`. Of two thresholds the first is for suspect and the second for fail; a gap has one for fail.
/// Throws std::invalid_argument.
QartodRule parse_qartod(std::string_view text);

/// The flags of one value, for each test.
using Flags = std::array<Flag, qartod_tests>;

/// All flags of the tests that the rule has, together.
Flag together(const QartodRule& rule, const Flags& flags);

/// What is kept of a series.
class QartodSeries {
 public:
  /// Whether a record is older than the last one.
  bool is_late(Time time) const { return begun_ && time < last_; }

  /// Judges the next value of the series, unknown when it is missing. Its flag of `spike` is not_evaluated until the
  /// value after it comes: spike_before().
  Flags add(const QartodRule& rule, Time time, std::optional<double> value);

  /// Whether the value after the last one will decide its flag of `spike`.
  bool awaits(const QartodRule& rule) const { return rule.spike.any() && value_ && before_; }

  /// The flag of `spike` of the value before the last one, which the last one has decided.
  Flag spike_before() const { return spike_before_; }

  /// Flags of a late value: only its range is judged.
  static Flags of_late(const QartodRule& rule, std::optional<double> value);

  void state(StateArchive& archive) {
    archive.values(begun_, last_, value_, before_, spike_before_, flat_begun_, flat_since_, number_, least_, greatest_);
  }

 private:
  /// A value that may be the least or greatest of those of a flat line.
  struct Extreme {
    std::uint64_t number;  ///< in the series
    Time next;             ///< the time of the value after it; Time::max() before there is one
    double value;
  };
  void forget_flat();
  Flag follow_flat(const QartodRule& rule, Time time, double value);

  bool begun_ = false;
  Time last_{};                           ///< of the last value, missing ones included
  std::optional<double> value_, before_;  ///< the last one and the one before it; unknown when missing
  Flag spike_before_ = Flag::not_evaluated;

  std::uint64_t number_ = 0;  ///< of values
  bool flat_begun_ = false;
  Time flat_since_{};                      ///< the first value that is within the tolerance of all later ones
  std::vector<Extreme> least_, greatest_;  ///< monotonic: each may be the least or greatest once older ones are gone
};

}  // namespace weir::clean
