// The values of a record together: forests.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "cut_forest.hpp"
#include "pace.hpp"
#include "plan.hpp"
#include "series.hpp"
#include "state/archive.hpp"
#include "trained_model.hpp"

namespace weir::anomaly_score {

/// What a key's records have left in its forest.
class Joint {
 public:
  Time newest() const { return pace_.newest(); }
  /// The values of all fields, by the key's trained model; nullptr: it has none.
  Finding judge(const Plan& plan, Time time, std::span<const double> values, TrainedModel* model);
  /// The last values of all fields, by a forest that learns.
  Finding cut(const Plan& plan, Time time, std::span<const double> values, std::string_view key);
  void state(StateArchive& archive);

 private:
  void finish(const Plan& plan, Finding& finding);
  bool scale(const Plan& plan, std::span<const double> values);

  Pace pace_;
  LastAlert alert_;
  LearnRule rule_;
  Limit limit_;
  // of the forest that learns
  std::uint64_t scaled_ = 0;     ///< values that the scale is of
  std::vector<double> means_;    ///< of each field
  std::vector<double> squares_;  ///< about the mean
  std::vector<float> last_;      ///< the last values of all fields, scaled, the oldest first
  std::uint64_t filled_ = 0;     ///< of last_
  CutForest forest_;
};

}  // namespace weir::anomaly_score
