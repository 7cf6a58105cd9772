// The region in which a key's records usually lie: a support vector machine of one class.
#pragma once
#include "scaling.hpp"
#include "svm/one_class.hpp"
#include "trained_model.hpp"

namespace weir::anomaly_score {

class RegionModel final : public TrainedModel {
 public:
  /// Throws std::invalid_argument where the rows are too few.
  RegionModel(const TrainingRows& rows, const Settings& settings, std::uint64_t seed);
  RegionModel(const ModelLine& line, std::size_t width);
  Finding judge(std::span<const double> row, std::optional<double> limit) override;
  void append_to(std::string& line) const override;

 private:
  Scaling scaling_;
  svm::OneClass machine_;
  double limit_;  ///< the density at and below which a row is an anomaly
};

}  // namespace weir::anomaly_score
