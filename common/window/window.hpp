// Windows of event time, and the window of a time.
#pragma once
#include <cstdint>

#include "time/saturating.hpp"

namespace weir {

/// The times from `start` to `end`, without `end`.
struct Window {
  Time start{};
  Time end{};

  bool contains(Time time) const { return start <= time && time < end; }
  friend bool operator==(const Window&, const Window&) = default;
};

/// Adjacent windows of one length that meet at `origin`: every time lies in exactly one. PaneStore needs only such an
/// assigner (time in, pane out). Days of a time zone, and the panes of hopping windows, are other assigners.
class TumblingWindows {
 public:
  /// `size` must be positive.
  explicit TumblingWindows(Duration size, Time origin = Time{}) : size_(size), origin_(origin) {}

  /// The window of a time. It is cut at the limits of Time.
  Window window_of(Time time) const {
    const std::int64_t t = time.time_since_epoch().count();
    const std::int64_t size = size_.count();
    std::int64_t phase = (t % size) - (origin_.time_since_epoch().count() % size);
    while (phase < 0) phase += size;  // twice at most
    if (phase >= size) phase -= size;
    return {saturating_subtract(time, Duration(phase)), saturating_add(time, Duration(size - phase))};
  }

 private:
  Duration size_;
  Time origin_;
};

}  // namespace weir
