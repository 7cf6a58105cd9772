// How long to wait before something that failed is tried again.
#pragma once
#include <algorithm>
#include <chrono>
#include <random>

namespace weir::mqtt {

/// Exponential back-off with jitter: the n-th delay lies between half of and the whole of 0.1 s · 2ⁿ, 30 s at most, so
/// that many clients of a broker that was away do not come back all at once.
class BackOff {
 public:
  using milliseconds = std::chrono::milliseconds;
  static constexpr milliseconds first{100};
  static constexpr milliseconds longest{30000};

  explicit BackOff(std::uint64_t seed) : random_(seed) {}

  milliseconds next() {
    const milliseconds whole = ceiling_;
    ceiling_ = std::min(longest, ceiling_ * 2);
    std::uniform_int_distribution<milliseconds::rep> spread(whole.count() / 2, whole.count());
    return milliseconds(spread(random_));
  }

  void reset() { ceiling_ = first; }

 private:
  std::mt19937_64 random_;
  milliseconds ceiling_ = first;
};

}  // namespace weir::mqtt
