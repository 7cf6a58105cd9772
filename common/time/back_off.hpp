// The pauses between retries.
#pragma once
#include <cstdint>
#include <random>

#include "time/time_types.hpp"

namespace weir {

/// Exponential back-off with jitter. The n-th pause is `first`·2ⁿ⁻¹, at most `longest`; its upper half is random, so
/// that clients that failed together do not retry together.
class BackOff {
 public:
  BackOff(Duration first, Duration longest, std::uint64_t seed) : first_(first), longest_(longest), random_(seed) {}

  /// The pause before the n-th retry, n from 1.
  Duration pause(unsigned n);

  /// The pause before the next retry in a row.
  Duration next() { return pause(++failures_); }

  /// A success: the next pause is the first again.
  void reset() { failures_ = 0; }

 private:
  Duration first_;
  Duration longest_;
  std::mt19937_64 random_;
  unsigned failures_ = 0;
};

}  // namespace weir
