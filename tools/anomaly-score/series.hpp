// The detectors of one series: a field of a key.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "baseline.hpp"
#include "finding.hpp"
#include "novelty.hpp"
#include "pace.hpp"
#include "plan.hpp"
#include "state/archive.hpp"
#include "tail_limit.hpp"

namespace weir::anomaly_score {

/// The limit of a detector in a series, and what its alerts have added to it.
struct Limit {
  double raised = 0;  ///< the logarithm of a factor
  TailLimit learned;
  void state(StateArchive& archive) { archive.values(raised, learned); }
};

class Series {
 public:
  /// The time of the newest value.
  Time newest() const { return pace_.newest(); }
  /// A value that is not older than the newest one; `unit` is that of its last digit.
  Finding observe(const Plan& plan, Time time, double value, double unit);
  const Baseline& baseline() const { return baseline_; }
  void state(StateArchive& archive);

 private:
  double limit_of(const Plan& plan, std::size_t detector) const;

  Pace pace_;
  double unit_ = 0;  ///< the least unit of the last digit of values
  Baseline baseline_;
  Level level_;
  Novelty novelty_;
  std::array<Limit, 3> limits_;
  LastAlert alert_;
  LearnRule rule_;
};

}  // namespace weir::anomaly_score
