#include "stats/normal_equations.hpp"

#include <Eigen/Dense>

namespace weir {

NormalEquations::NormalEquations(std::size_t columns)
    : columns_(columns), matrix_(columns * columns, 0), right_(columns, 0) {}

void NormalEquations::add(std::span<const double> row, double value, double weight) {
  for (std::size_t i = 0; i < columns_; ++i) {
    const double left = weight * row[i];
    if (left == 0) continue;
    double* const to = &matrix_[i * columns_];
    for (std::size_t j = 0; j <= i; ++j) to[j] += left * row[j];
    right_[i] += left * value;
  }
  square_ += weight * value * value;
  ++rows_;
}

double NormalEquations::mean_square() const {
  double sum = 0;
  for (std::size_t i = 0; i < columns_; ++i) sum += matrix_[i * columns_ + i];
  return columns_ == 0 ? 0 : sum / static_cast<double>(columns_);
}

std::optional<std::vector<double>> NormalEquations::solve(std::span<const double> penalties) const {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto size = static_cast<Eigen::Index>(columns_);
  Matrix matrix = Eigen::Map<const Matrix>(matrix_.data(), size, size);
  for (Eigen::Index i = 0; i < size; ++i)
    matrix(i, i) += penalties.size() == 1 ? penalties[0] : penalties[static_cast<std::size_t>(i)];
  const Eigen::LDLT<Matrix, Eigen::Lower> factors(matrix);
  if (factors.info() != Eigen::Success) return std::nullopt;
  std::vector<double> solution(columns_);
  Eigen::Map<Eigen::VectorXd> out(solution.data(), size);
  out = factors.solve(Eigen::Map<const Eigen::VectorXd>(right_.data(), size));
  if (!out.allFinite()) return std::nullopt;
  return solution;
}

}  // namespace weir
