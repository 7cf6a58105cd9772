// Points and lengths of time, for all rooms and tools.
#pragma once
#include <chrono>
#include <cstdint>

namespace weir {

/// A length of time, in nanoseconds.
using Duration = std::chrono::nanoseconds;

/// A point of time: nanoseconds since 1970-01-01T00:00:00Z without leap seconds; of texts and numbers, years 1678 to
/// 2261.
using Time = std::chrono::sys_time<Duration>;

}  // namespace weir
