// The time since midnight.
#pragma once
#include <chrono>

#include "time/time_types.hpp"

namespace weir {

/// The time since midnight, of local time or UTC. A difference to the day would overflow on the first day of Time,
/// whose midnight Time does not have.
template <typename Clock>
constexpr Duration time_of_day(std::chrono::time_point<Clock, Duration> time) {
  const Duration rest = time.time_since_epoch() % std::chrono::days(1);
  return rest < Duration::zero() ? rest + std::chrono::days(1) : rest;
}

}  // namespace weir
