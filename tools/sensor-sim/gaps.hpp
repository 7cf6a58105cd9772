// Missing values, in runs.
#pragma once
#include <algorithm>

#include "state/random.hpp"

namespace weir::sensor_sim {

/// Makes a share of a sensor's values missing, in runs of three on average, as when a sensor fails for a while. It is a
/// Markov chain of two states whose share of time in `missing` is the given one.
class Gaps {
 public:
  explicit Gaps(double share)
      : share_(share), stays_(std::max(2.0 / 3, share)), begins_(share < 1 ? share * (1 - stays_) / (1 - share) : 1) {}

  bool any() const { return share_ > 0; }

  /// Whether a sensor's first value is missing.
  bool first(Random& random) const { return random.uniform() < share_; }

  /// Moves a sensor on to its next value.
  bool next(bool missing, Random& random) const { return random.uniform() < (missing ? stays_ : begins_); }

 private:
  double share_;
  double stays_;
  double begins_;
};

}  // namespace weir::sensor_sim
