// The mean of values over time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir {

/// The time-weighted mean of a step function: each value holds from its time until that of the next one (the last
/// observation carried forward, as time_weight('LOCF', …) of TimescaleDB) and weighs as much as it lasted. Of equal
/// times the greatest value holds.
///
/// Times and values are kept as they are while there are few of them. Beyond that they stand in bins of time, as long
/// as it takes to have no more than `exact_limit` of them; a bin's first to last time has the plain mean of its values.
/// What is kept depends on the values alone: in whatever order and parts they came, the mean is the same to some 1e-15
/// of itself.
class StepMean {
 public:
  static constexpr std::size_t exact_limit = 1024;

  /// `x` must be finite.
  void add(Time time, double x);
  void merge(const StepMean& other);

  /// The mean from the first time until `until`, or until the last time if that is later. It is the last value when the
  /// span is empty, and NaN without values. It is not finite when values times nanoseconds leave the range of a double.
  double until(Time until) const;

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

  std::int64_t place_of(Time time) const { return time.time_since_epoch().count() >> doublings_; }
  void leave_exact();
  void add_to_bins(const Bin& bin);
  void coarsen();

  std::vector<Point> points_;  ///< while exact; in order
  std::vector<Bin> bins_;      ///< by time
  unsigned doublings_ = 0;     ///< a bin is 2^doublings_ ns long and begins at a multiple of its length
};

}  // namespace weir
