// Waiting for descriptors with a limit, as every stage of a pipe does.
#pragma once
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>
#include <system_error>

namespace weir {

/// How long a wait may last; a negative one has no limit.
using WaitLimit = std::chrono::milliseconds;
inline constexpr WaitLimit no_limit{-1};

/// Waits until one of the descriptors is ready or the limit has passed; EINTR counts as ready.
inline void wait_for(std::span<pollfd> descriptors, WaitLimit limit) {
  const int milliseconds =
      limit < WaitLimit::zero() ? -1 : static_cast<int>(std::min<std::int64_t>(limit.count(), 1 << 30));
  if (::poll(descriptors.data(), descriptors.size(), milliseconds) < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "poll");
}

}  // namespace weir
