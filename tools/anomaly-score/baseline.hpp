// What a value is expected to be, and how far values are from that.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "plan.hpp"
#include "state/archive.hpp"

namespace weir::anomaly_score {

/// The variance of a difference: a mean square that forgets. Differences beyond three deviations count as three.
class Spread {
 public:
  double deviation() const { return deviation_; }
  std::uint64_t count() const { return count_; }
  /// The difference as far as it counts.
  double limited(double difference) const;
  void learn(double difference, double share);

 private:
  std::uint64_t count_ = 0;
  double square_ = 0;
  double deviation_ = 0;
};

/// Expects values of one series by a Form.
class Baseline {
 public:
  /// The slot of a time in the season.
  static std::size_t slot_of(const Plan& plan, Time time);

  /// Whether there is anything to expect in that slot yet.
  bool knows(std::size_t slot) const { return slot < slots_.size() && slots_[slot].count > 0; }
  double expected(std::size_t slot) const { return slots_[slot].mean + level_; }
  double deviation() const { return spread_.deviation(); }
  /// How many values the deviation is of.
  std::uint64_t samples() const { return spread_.count(); }
  void learn(const Plan& plan, std::size_t slot, double value);

  // of --form running
  double mean() const { return slots_.empty() ? 0 : slots_[0].mean; }
  std::uint64_t count() const { return slots_.empty() ? 0 : slots_[0].count; }
  double running_deviation() const;

  void state(StateArchive& archive) { archive.values(slots_, spread_, level_, squares_); }

 private:
  struct Slot {
    double mean = 0;
    std::uint64_t count = 0;
  };
  std::vector<Slot> slots_;
  Spread spread_;
  double level_ = 0;    ///< how far the last values have been from the slots' means
  double squares_ = 0;  ///< of --form running: the sum of squares about the mean
};

/// The mean of the last differences of a series, and its spread.
class Level {
 public:
  /// Adds a difference. Returns the mean of the last ones.
  double add(const Plan& plan, double difference);
  const Spread& spread() const { return spread_; }
  void learn(double mean, double share) { spread_.learn(mean, share); }
  /// Forgets the last differences, after a gap.
  void clear() {
    size_ = at_ = 0;
  }
  void state(StateArchive& archive) { archive.values(last_, at_, size_, spread_); }

 private:
  std::vector<double> last_;
  std::uint64_t at_ = 0;
  std::uint64_t size_ = 0;
  Spread spread_;
};

}  // namespace weir::anomaly_score
