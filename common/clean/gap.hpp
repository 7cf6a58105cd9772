// Gaps of a series: values that are unknown, between two known ones.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::clean {

/// The length of time between two times; they go back to 1678, so that it can be beyond a Duration.
inline std::uint64_t nanoseconds_between(Time from, Time to) {
  return static_cast<std::uint64_t>(to.time_since_epoch().count()) -
         static_cast<std::uint64_t>(from.time_since_epoch().count());
}

/// The last known value of a series, and the unknown ones since then that wait for the next known one. `Waiting` is
/// what stands for one of them; state() leaves them to their owner.
template <typename Waiting>
class GapTrack {
 public:
  /// Whether a gap that begins at the last known value is too long at a time.
  bool is_too_long(Time time, Duration max_gap) const {
    return time > time_ && nanoseconds_between(time_, time) > static_cast<std::uint64_t>(max_gap.count());
  }

  /// Whether the next known value may fill an unknown one.
  bool can_be_filled() const { return known_ && !given_up_; }
  void wait(Waiting waiting) { open_.push_back(std::move(waiting)); }

  /// The last known value.
  double value() const { return value_; }

  /// The value at a time, on the line from the last known value to the next one.
  double between(Time at, Time next, double value) const {
    const auto span = static_cast<double>(nanoseconds_between(time_, next));
    const auto passed = static_cast<double>(nanoseconds_between(time_, at));
    return span > 0 ? value_ + (value - value_) * passed / span : value_;
  }

  /// The next known value. fill(waiting) is called for each that waits, before the value is taken, or give_up(waiting)
  /// where the gap has been too long.
  template <typename Fill, typename GiveUp>
  void know(Time time, double value, Duration max_gap, Fill fill, GiveUp leave) {
    if (is_too_long(time, max_gap)) {
      give_up(leave);
    } else {
      for (const Waiting& each : open_) fill(each);
      open_.clear();
    }
    known_ = true;
    given_up_ = false;
    time_ = time;
    value_ = value;
  }

  /// Nothing is filled until the next known value; leave(waiting) is called for each that waits.
  template <typename Leave>
  void give_up(Leave leave) {
    for (const Waiting& each : open_) leave(each);
    open_.clear();
    given_up_ = true;
  }

  void state(StateArchive& archive) { archive.values(known_, given_up_, time_, value_); }

 private:
  bool known_ = false;
  bool given_up_ = false;  ///< the open gap is too long
  Time time_{};            ///< of the last known value
  double value_ = 0;
  std::vector<Waiting> open_;
};

}  // namespace weir::clean
