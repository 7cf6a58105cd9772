// How a key's fields go together: their principal components.
#pragma once
#include "scaling.hpp"
#include "stats/principal_components.hpp"
#include "trained_model.hpp"

namespace weir::anomaly_score {

class ComponentModel final : public TrainedModel {
 public:
  /// Throws std::invalid_argument where the rows are too few.
  ComponentModel(const TrainingRows& rows, const Settings& settings);
  ComponentModel(const ModelLine& line, std::size_t width);
  Finding judge(std::span<const double> row, std::optional<double> limit) override;
  void append_to(std::string& line) const override;

 private:
  Scaling scaling_;
  PrincipalComponents components_;
  double t2_limit_;
  double q_limit_;
  double limit_ = 1;  ///< a factor of both
};

}  // namespace weir::anomaly_score
