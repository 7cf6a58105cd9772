// Points and lengths of time, as every room and tool means them.
#pragma once
#include <chrono>
#include <cstdint>

namespace weir {

/// A length of time, in nanoseconds.
using Duration = std::chrono::nanoseconds;

/// A point of time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted; 1677 to 2262 can be held.
using Time = std::chrono::sys_time<Duration>;

}  // namespace weir
