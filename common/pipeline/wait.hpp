// Waiting for descriptors with a limit, as every stage of a pipe does. Header only: pure stages do not link this room.
#pragma once
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>
#include <system_error>
#include <vector>

namespace weir {

/// How long a wait may last; a negative one has no limit.
using WaitLimit = std::chrono::milliseconds;
inline constexpr WaitLimit no_limit{-1};

/// Waits until one of the descriptors is ready or the limit has passed; EINTR counts as ready. A negative descriptor is
/// skipped. Throws std::system_error.
inline void wait_for(std::span<pollfd> descriptors, WaitLimit limit) {
  const int milliseconds =
      limit < WaitLimit::zero() ? -1 : static_cast<int>(std::min<std::int64_t>(limit.count(), 1 << 30));
  if (::poll(descriptors.data(), descriptors.size(), milliseconds) >= 0) return;
  if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  for (pollfd& each : descriptors) each.revents = 0;
}

/// Waits for both sets in one poll(2): a stage's own descriptors and those that its caller gave it. The results stand
/// in both.
inline void wait_for(std::span<pollfd> own, std::span<pollfd> also, WaitLimit limit) {
  std::vector<pollfd> all(own.begin(), own.end());
  all.insert(all.end(), also.begin(), also.end());
  wait_for(all, limit);
  std::copy_n(all.begin(), own.size(), own.begin());
  std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(own.size()), also.size(), also.begin());
}

}  // namespace weir
