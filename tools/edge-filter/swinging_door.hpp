// A swinging door: which points of a series suffice for lines between them.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "state/archive.hpp"
#include "time/saturating.hpp"

namespace weir::edge_filter {

/// From the point sent last, the slopes of all lines that pass each later point within the band. A line from there to
/// a point is within the band of all points between as long as its slope is one of them.
class SwingingDoor {
 public:
  /// Begins at a point that is sent.
  void begin(Time time, double value) {
    time_ = time;
    value_ = value;
    low_ = -std::numeric_limits<double>::infinity();
    high_ = std::numeric_limits<double>::infinity();
  }

  /// Whether a line to the point passes all points before it.
  bool reaches(Time time, double value, double band) const {
    const double length = distance(time);
    if (!(length > 0)) return std::abs(value - value_) <= band;
    const double slope = (value - value_) / length;
    return slope >= low_ && slope <= high_;
  }

  /// Takes in a point that later lines must pass. One at the time of the first point is passed there.
  void narrow(Time time, double value, double band) {
    const double length = distance(time);
    if (!(length > 0)) return;
    low_ = std::max(low_, (value - band - value_) / length);
    high_ = std::min(high_, (value + band - value_) / length);
  }

  /// Whether the door begins at this time.
  bool is_at(Time time) const { return !(distance(time) > 0); }

  void state(StateArchive& archive) { archive.values(time_, value_, low_, high_); }

 private:
  double distance(Time time) const { return static_cast<double>(saturating_distance(time_, time).count()); }

  Time time_{};
  double value_ = 0;
  double low_ = 0;
  double high_ = 0;
};

}  // namespace weir::edge_filter
