// Saturating arithmetic on times: timestamps are data, and data may lie centuries apart.
#pragma once
#include <cstdint>

#include "time/time_types.hpp"

namespace weir {

/// time + length, limited to the range of Time.
inline Time saturating_add(Time time, Duration length) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(time.time_since_epoch().count(), length.count(), &sum))
    return length > Duration::zero() ? Time::max() : Time::min();
  return Time(Duration(sum));
}

/// time - length, limited to the range of Time.
inline Time saturating_subtract(Time time, Duration length) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(time.time_since_epoch().count(), length.count(), &difference))
    return length > Duration::zero() ? Time::min() : Time::max();
  return Time(Duration(difference));
}

/// The duration from one time to another, negative when `to` is earlier; limited to the range of Duration, some 292
/// years.
inline Duration saturating_distance(Time from, Time to) {
  std::int64_t length = 0;
  if (__builtin_sub_overflow(to.time_since_epoch().count(), from.time_since_epoch().count(), &length))
    return to > from ? Duration::max() : Duration::min();
  return Duration(length);
}

/// length × times, at most Duration::max(); `length` must not be negative.
inline Duration saturating_multiply(Duration length, std::int64_t times) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(length.count(), times, &product) ? Duration::max() : Duration(product);
}

}  // namespace weir
