// When to ask again.
#pragma once
#include <optional>
#include <string_view>

#include "time/time_types.hpp"

namespace weir::http {

/// How long a Retry-After header (RFC 9110 §10.2.3: seconds, or an HTTP date) asks to wait, from `now`; zero when its
/// time has passed, nothing when it is neither. Capped at a week, so that nonsense cannot overflow.
std::optional<Duration> parse_retry_after(std::string_view value, Time now);

}  // namespace weir::http
