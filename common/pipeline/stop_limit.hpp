// How long a stage with checkpoints may still take once it is to stop, and how long its next run waits for that.
#pragma once
#include <algorithm>
#include <chrono>

#include "cli/signals.hpp"

namespace weir {

/// How long a start waits for the lock of its stage, which an earlier run may hold still.
inline constexpr std::chrono::milliseconds lock_patience{10'000};

/// How long a stage that is to stop takes at most, however long what it waits for (a last barrier, a commit, a database
/// that is away) would take: what is lost by that the next start takes up again.
inline constexpr std::chrono::milliseconds stop_patience{7'000};

static_assert(stop_patience + std::chrono::seconds(3) <= lock_patience,
              "whoever stops a pipeline and starts it again at once must not find it locked");

/// When a stage that has been asked to stop must have ended; time_point::max() while it has not been asked.
inline std::chrono::steady_clock::time_point stop_deadline() {
  const auto asked = cli::stop_time();
  return asked == std::chrono::steady_clock::time_point::max() ? asked : asked + stop_patience;
}

/// Until when a stage behind its last barrier waits for the commit of it.
inline std::chrono::steady_clock::time_point last_commit_deadline() {
  return std::min(std::chrono::steady_clock::now() + stop_patience, stop_deadline());
}

}  // namespace weir
