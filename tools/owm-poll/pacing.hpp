// When to ask: the schedule, and the provider's rate limit. Time comes in as a parameter.
#pragma once
#include <deque>
#include <utility>

#include "time/time_types.hpp"

namespace weir::owm_poll {

/// The first multiple of `every` since 1970 after `now`: rounds stand on the clock (`60s`: on the full minute), so they
/// do not drift.
Time next_round(Time now, Duration every);

/// Keeps calls under a provider's limit: never more than `limit` in any span of `window`. Unlike a bucket that fills up
/// again while it is drained, it never lets twice the limit through a window.
class RateLimit {
 public:
  RateLimit(unsigned limit, Duration window) : limit_(limit), window_(window) {}

  unsigned limit() const { return limit_; }

  /// When `calls` more (counted as `limit` at most) may be made, on the clock of `now`; `now` itself when at once.
  Duration free_at(unsigned calls, Duration now);

  /// They are made now.
  void take(unsigned calls, Duration now);

 private:
  void forget(Duration now);
  unsigned limit_;
  Duration window_;
  std::deque<std::pair<Duration, unsigned>> made_;
  unsigned count_ = 0;
};

}  // namespace weir::owm_poll
