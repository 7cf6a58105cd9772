// The schedule of rounds and the provider's rate limit. Time is a parameter.
#pragma once
#include <deque>
#include <utility>

#include "time/time_types.hpp"

namespace weir::owm_poll {

/// The first multiple of `every` since 1970 after `now`. Rounds are aligned to the clock (`60s`: at the full minute),
/// so they do not drift.
Time next_round(Time now, Duration every);

/// A rate limit: never more than `limit` calls in any span of `window`. A token bucket, refilled while it is drained,
/// would allow up to twice the limit.
class RateLimit {
 public:
  RateLimit(unsigned limit, Duration window) : limit_(limit), window_(window) {}

  unsigned limit() const { return limit_; }

  /// The time at which `calls` more may be made (at most `limit` count); `now` when at once.
  Duration free_at(unsigned calls, Duration now);

  /// Notes that these calls are made now.
  void take(unsigned calls, Duration now);

 private:
  void forget(Duration now);
  unsigned limit_;
  Duration window_;
  std::deque<std::pair<Duration, unsigned>> made_;
  unsigned count_ = 0;
};

}  // namespace weir::owm_poll
