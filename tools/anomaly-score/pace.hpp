// When the values of a series came, and when it last had an alert.
#pragma once
#include <algorithm>
#include <cstdint>

#include "plan.hpp"
#include "state/archive.hpp"
#include "time/saturating.hpp"

namespace weir::anomaly_score {

/// The times of a series' values.
class Pace {
 public:
  Time newest() const { return newest_; }
  /// The number of values, that of now included.
  std::uint64_t count() const { return count_; }

  /// A value at a time that is not before the newest one. Returns whether it comes after a gap.
  bool pass(const Plan& plan, Time time) {
    bool gap = false;
    if (count_ > 0) {
      const double passed = static_cast<double>(saturating_distance(newest_, time).count());
      gap = plan.gap ? passed > static_cast<double>(plan.gap->count())
                     : count_ > first_steps && step_ > 0 && passed > steps_of_gap * step_;
      if (!gap) step_ += (passed - step_) / static_cast<double>(std::min<std::uint64_t>(count_, 100));
    }
    newest_ = time;
    ++count_;
    return gap;
  }
  void state(StateArchive& archive) { archive.values(newest_, count_, step_); }

 private:
  static constexpr double steps_of_gap = 20;  ///< without --gap: how many usual steps are a gap
  static constexpr std::uint64_t first_steps = 10;
  Time newest_ = Time::min();
  std::uint64_t count_ = 0;
  double step_ = 0;  ///< the usual time between values, in nanoseconds
};

/// The last alert of a series, which holds later ones back.
class LastAlert {
 public:
  bool holds(const Plan& plan, const Pace& now) const {
    if (number_ == 0) return false;
    if (plan.held_time > Duration::zero()) return now.newest() <= saturating_add(time_, plan.held_time);
    return now.count() - number_ <= plan.held_records;
  }
  void set(const Pace& now) {
    time_ = now.newest();
    number_ = now.count();
  }
  void state(StateArchive& archive) { archive.values(time_, number_); }

 private:
  Time time_ = Time::min();
  std::uint64_t number_ = 0;  ///< of the value; 0: there was none
};

/// Whether a value is learned.
class LearnRule {
 public:
  /// Called once for each value.
  bool learns(const Plan& plan, double score) {
    if (!plan.no_learn_above || !(score > *plan.no_learn_above)) {
      unlearned_ = 0;
      return true;
    }
    if (unlearned_ >= plan.relearn) return true;
    ++unlearned_;
    return false;
  }
  void state(StateArchive& archive) { archive.value(unlearned_); }

 private:
  std::uint64_t unlearned_ = 0;  ///< values in a row
};

}  // namespace weir::anomaly_score
