// How long to wait before something that failed is tried again.
#pragma once
#include <cstdint>
#include <random>

#include "time/time_types.hpp"

namespace weir {

/// Exponential back-off with jitter: the n-th pause is `first`·2ⁿ⁻¹, at most `longest`, of which the upper half is
/// random, so that many that failed together do not come back together.
class BackOff {
 public:
  BackOff(Duration first, Duration longest, std::uint64_t seed) : first_(first), longest_(longest), random_(seed) {}

  /// The pause before the n-th repetition, n from 1.
  Duration pause(unsigned n);

  /// The pause before the next repetition in a row.
  Duration next() { return pause(++failures_); }

  /// It worked: the row begins anew.
  void reset() { failures_ = 0; }

 private:
  Duration first_;
  Duration longest_;
  std::mt19937_64 random_;
  unsigned failures_ = 0;
};

}  // namespace weir
