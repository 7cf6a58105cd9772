// How far event time has come.
#pragma once
#include "state/snapshot.hpp"
#include "time/saturating.hpp"

namespace weir {

/// The time before which no record is expected any more: the greatest time seen minus the lateness, or what upstream
/// has said, whichever is later. It never goes back.
class Watermark {
 public:
  explicit Watermark(Duration lateness) : lateness_(lateness) {}

  /// A record's time. Returns true when the watermark has moved on.
  bool observe(Time time) {
    if (time <= greatest_) return false;
    greatest_ = time;
    return advance(saturating_subtract(time, lateness_));
  }

  /// Upstream's word. Returns true when the watermark has moved on.
  bool advance(Time time) {
    if (time <= now_) return false;
    now_ = time;
    return true;
  }

  void snapshot(SnapshotWriter& to) const {
    to.plain(greatest_);
    to.plain(now_);
  }
  void restore(SnapshotReader& from) {
    greatest_ = from.plain<Time>();
    now_ = from.plain<Time>();
  }

  /// The watermark; Time::min() before anything was seen.
  Time now() const { return now_; }

 private:
  Duration lateness_;
  Time greatest_ = Time::min();
  Time now_ = Time::min();
};

}  // namespace weir
