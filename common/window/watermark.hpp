// The watermark: the progress of event time.
#pragma once
#include "state/archive.hpp"
#include "time/saturating.hpp"

namespace weir {

/// The time before which no record is expected any more: the greatest time seen minus the lateness, or upstream's
/// watermark if that is later. It never moves back.
class Watermark {
 public:
  explicit Watermark(Duration lateness) : lateness_(lateness) {}

  /// Takes a record's time. Returns true when the watermark has moved.
  bool observe(Time time) {
    if (time <= greatest_) return false;
    greatest_ = time;
    return advance(saturating_subtract(time, lateness_));
  }

  /// Takes upstream's watermark. Returns true when the watermark has moved.
  bool advance(Time time) {
    if (time <= now_) return false;
    now_ = time;
    return true;
  }

  void state(StateArchive& archive) { archive.values(greatest_, now_); }

  /// The watermark; Time::min() before the first record or watermark.
  Time now() const { return now_; }
  /// The greatest time of the records; Time::min() before the first.
  Time greatest() const { return greatest_; }

 private:
  Duration lateness_;
  Time greatest_ = Time::min();
  Time now_ = Time::min();
};

}  // namespace weir
