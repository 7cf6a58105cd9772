// When to ask again.
#pragma once
#include <optional>
#include <random>
#include <string_view>

#include "time/time_types.hpp"

namespace weir::http {

/// How long a Retry-After header (RFC 9110 §10.2.3: seconds, or an HTTP date) asks to wait, from `now`; zero when its
/// time has passed, nothing when it is neither. Capped at a week, so that nonsense cannot overflow.
std::optional<Duration> parse_retry_after(std::string_view value, Time now);

/// Jittered exponential back-off: the n-th pause is `base`·2ⁿ⁻¹, at most `cap`, of which the upper half is random
/// ("equal jitter"), so that many clients that failed together do not come back together.
class Backoff {
 public:
  Backoff(Duration base, Duration cap, std::uint64_t seed) : base_(base), cap_(cap), random_(seed) {}

  /// The pause before the n-th repetition, n from 1.
  Duration pause(unsigned n);

 private:
  Duration base_;
  Duration cap_;
  std::mt19937_64 random_;
};

}  // namespace weir::http
