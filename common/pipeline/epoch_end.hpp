// When the epoch of a source ends.
#pragma once
#include <algorithm>
#include <chrono>
#include <optional>

namespace weir {

/// The time at which an epoch ends: --checkpoint-every after its begin, later where snapshots take long, and earlier
/// where a stage has asked for it.
class EpochEnd {
 public:
  using clock = std::chrono::steady_clock;

  /// An epoch lasts at least this many times as long as its snapshots take.
  static constexpr int pace_factor = 10;
  /// The part of --checkpoint-every that an epoch lasts where its early end is asked for.
  static constexpr int early_share = 4;

  explicit EpochEnd(clock::duration every) : every_(every) {}

  void begin(clock::time_point now) {
    begin_ = now;
    early_ = false;
    set();
  }
  clock::time_point time() const { return end_; }

  void end_early() {
    early_ = true;
    set();
  }
  bool is_early() const { return early_; }

  /// It cannot end now: as long again.
  void put_off(clock::time_point now) { end_ = now + every_; }

  /// The stages stood still so long for an epoch. The shorter of two counts: one may be long by chance, as when the
  /// disk was busy.
  void note_stand(std::chrono::milliseconds took) {
    stand_ = std::min(took, last_took_.value_or(took));
    last_took_ = took;
    set();
  }

 private:
  void set() {
    end_ = begin_ + std::max<clock::duration>(early_ ? every_ / early_share : every_, pace_factor * stand_);
  }

  clock::duration every_;
  clock::time_point begin_{};
  clock::time_point end_{};
  bool early_ = false;
  std::chrono::milliseconds stand_{};
  std::optional<std::chrono::milliseconds> last_took_;
};

/// When a source looks for a request that its last lines have led to: soon after they were written, then ever less
/// often, and no more once it is too late for one.
class AnswerLooks {
 public:
  using clock = std::chrono::steady_clock;

  void note_written(clock::time_point now) { written_ = now; }

  bool is_due(clock::time_point now) {
    if (now < next_) return false;
    next_ = now + std::max(first, now - written_);
    return true;
  }
  /// The time of the next look, or nothing where no lines wait for an answer.
  std::optional<clock::time_point> next() const {
    return next_ - written_ > last ? std::nullopt : std::optional(next_);
  }

 private:
  static constexpr clock::duration first = std::chrono::milliseconds(10);
  static constexpr clock::duration last = std::chrono::milliseconds(500);
  clock::time_point written_{};
  clock::time_point next_{};
};

}  // namespace weir
