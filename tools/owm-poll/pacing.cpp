#include "pacing.hpp"

#include <algorithm>

namespace weir::owm_poll {

Time next_round(Time now, Duration every) {
  const Duration since = now.time_since_epoch();
  Duration past = since % every;
  if (past < Duration::zero()) past += every;
  return now - past + every;
}

void RateLimit::forget(Duration now) {
  while (!made_.empty() && made_.front().first + window_ <= now) {
    count_ -= made_.front().second;
    made_.pop_front();
  }
}

Duration RateLimit::free_at(unsigned calls, Duration now) {
  forget(now);
  const unsigned wanted = std::min(calls, limit_);
  unsigned count = count_;
  Duration free = now;
  for (auto each = made_.begin(); count + wanted > limit_; ++each) {
    count -= each->second;
    free = each->first + window_;
  }
  return free;
}

void RateLimit::take(unsigned calls, Duration now) {
  const unsigned taken = std::min(calls, limit_);
  made_.emplace_back(now, taken);
  count_ += taken;
}

}  // namespace weir::owm_poll
