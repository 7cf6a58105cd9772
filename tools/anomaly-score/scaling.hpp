// Fields of different units on one scale.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trained_model.hpp"

namespace weir::anomaly_score {

/// One unit of the last digit: 0.01 of 21.50. 0 of a number with an exponent.
double unit_of(std::string_view number);

/// Each field by its mean and its standard deviation.
class Scaling {
 public:
  /// Of the population, as scikit-learn's StandardScaler; a deviation is at least one unit of the values' last digit.
  explicit Scaling(const TrainingRows& rows);
  /// Throws std::invalid_argument where the line has none for `width` fields.
  Scaling(const ModelLine& line, std::size_t width);

  /// The scaled row, until the next call.
  std::span<const double> scaled(std::span<const double> row);
  /// All rows.
  std::vector<double> scaled(const TrainingRows& rows);
  double unscaled(std::size_t field, double value) const { return means_[field] + value * scales_[field]; }
  double mean(std::size_t field) const { return means_[field]; }
  /// The squared distance, when scaled, of rows that differ by one unit in each field.
  double rounding(const TrainingRows& rows) const;
  /// The fields that have one value in all rows.
  std::size_t constant() const { return constant_; }
  void append_to(std::string& line) const;

 private:
  std::vector<double> means_;
  std::vector<double> scales_;
  std::vector<double> row_;
  std::size_t constant_ = 0;
};

}  // namespace weir::anomaly_score
