// Time limits of a stage that is asked to stop.
#pragma once
#include <algorithm>
#include <chrono>

#include "cli/signals.hpp"

namespace weir {

/// How long a start waits for the lock of its stage, which an earlier run may still hold.
inline constexpr std::chrono::milliseconds lock_limit{10'000};

/// The most time that a stage with checkpoints takes to stop, whatever it waits for: a final barrier, a commit, a
/// database that is away. The next start repeats what is cut off.
inline constexpr std::chrono::milliseconds stop_limit{7'000};

static_assert(stop_limit + std::chrono::seconds(3) <= lock_limit,
              "a pipeline that is stopped and started again at once must not be locked");

/// When a stage that has been asked to stop must have ended; time_point::max() while it has not been asked.
inline std::chrono::steady_clock::time_point stop_deadline() {
  const auto asked = cli::stop_time();
  return asked == std::chrono::steady_clock::time_point::max() ? asked : asked + stop_limit;
}

/// The end of a stage's wait for the commit of its final barrier.
inline std::chrono::steady_clock::time_point last_commit_deadline() {
  return std::min(std::chrono::steady_clock::now() + stop_limit, stop_deadline());
}

}  // namespace weir
