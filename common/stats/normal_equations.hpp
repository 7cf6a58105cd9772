// A weighted least-squares problem with penalties, by its normal equations.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace weir {

/// Collects rows of a linear model and solves it. The normal equations lose half of the digits: meant for columns of
/// like size and a ridge, where a few digits are enough.
class NormalEquations {
 public:
  explicit NormalEquations(std::size_t columns);

  std::size_t columns() const { return columns_; }
  /// One row of the model, its value and its weight; `row` has as many numbers as there are columns.
  void add(std::span<const double> row, double value, double weight = 1);
  /// The mean of the diagonal of XᵀWX, a scale for penalties.
  double mean_square() const;

  /// XᵀWX, of which the lower half is filled, row by row; XᵀWy; yᵀWy; the number of rows.
  const std::vector<double>& matrix() const { return matrix_; }
  const std::vector<double>& right() const { return right_; }
  double square() const { return square_; }
  std::size_t rows() const { return rows_; }

  /// b of (XᵀWX + diag(penalties)) b = XᵀWy; a single penalty holds for all columns. Nothing where that is not finite.
  std::optional<std::vector<double>> solve(std::span<const double> penalties) const;
  std::optional<std::vector<double>> solve(double penalty) const { return solve(std::span(&penalty, 1)); }

 private:
  std::size_t columns_;
  std::vector<double> matrix_;  ///< XᵀWX, its lower half, row by row
  std::vector<double> right_;   ///< XᵀWy
  double square_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace weir
