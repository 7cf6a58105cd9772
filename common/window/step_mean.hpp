// The mean of values over time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "state/archive.hpp"
#include "time/time_types.hpp"
#include "window/exact_limit.hpp"

namespace weir {

/// The time-weighted mean and the integral of a step function. Each value holds from its time until that of the next
/// one (last observation carried forward, as time_weight('LOCF', …) of TimescaleDB), and its weight is that length. Of
/// equal times the greatest value counts.
///
/// A few times and values are kept exactly. Beyond `exact_limit` they are put into bins of time, made longer until
/// there are no more than that. The span from a bin's first to last time has the plain mean of its values.
///
/// The bins depend on the values alone: for any order and any merging, the mean is the same within a relative 1e-15.
class StepMean {
 public:
  /// `x` must be finite.
  void add(Time time, double x);
  void merge(const StepMean& other);

  /// The mean from the first time until `until`, or until the last time if that is later. It is the last value when the
  /// span is empty, and NaN without values. It is not finite when values times nanoseconds leave the range of a double.
  double until(Time until) const { return mean({}, until); }

  /// A value that holds from a time until the first one.
  struct Before {
    Time from;
    double value;
  };
  /// As until(), with the value before where it is known.
  double mean(const std::optional<Before>& before, Time until) const;
  /// The integral over the same time, value × ns, as integral(time_weight('LOCF', …)) of TimescaleDB. Steps and not
  /// trapezoids: a value reported on change holds, and a line would need the value after the window.
  double integral(const std::optional<Before>& before, Time until) const;

  /// The last value; nothing without values.
  std::optional<double> last() const;
  /// Takes the last value of another in place of its own; nothing when the other has none.
  void take_last(const StepMean& other);

  bool exact() const { return bins_.empty(); }

  void state(StateArchive& archive) { archive.values(points_, bins_, doublings_); }

 private:
  struct Point {
    Time time;
    double value;
    friend bool operator<(const Point& a, const Point& b) {
      return a.time != b.time ? a.time < b.time : a.value < b.value;
    }
  };
  struct Bin {
    Time first;
    Time last;
    double last_value;
    double sum;
    double lost;  ///< the rounding error of the sum
    std::uint64_t count;
    void merge(const Bin& other);
  };

  Time first_time() const { return exact() ? points_.front().time : bins_.front().first; }
  Time last_time() const { return exact() ? points_.back().time : bins_.back().last; }
  std::int64_t place_of(Time time) const { return time.time_since_epoch().count() >> doublings_; }
  void leave_exact();
  void add_to_bins(const Bin& bin);
  void coarsen();

  std::vector<Point> points_;  ///< while exact; in order
  std::vector<Bin> bins_;      ///< by time
  unsigned doublings_ = 0;     ///< a bin is 2^doublings_ ns long and begins at a multiple of its length
};

}  // namespace weir
