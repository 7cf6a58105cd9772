#include "stats/principal_components.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <utility>

namespace weir {
namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr double least_share = 1e-12;  ///< of all variance: what is less is rounding

}  // namespace

PrincipalComponents::PrincipalComponents(std::span<const double> values, std::size_t width, double share)
    : width_(width), made_(width), parts_(width) {
  const auto columns = static_cast<Eigen::Index>(width);
  const auto rows = static_cast<Eigen::Index>(values.size() / width);
  const Eigen::Map<const Rows> matrix(values.data(), rows, columns);
  const Eigen::MatrixXd covariance = matrix.transpose() * matrix / static_cast<double>(rows - 1);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);  // the least first
  const double all = std::max(solver.eigenvalues().sum(), 0.0);
  double kept = 0;
  for (Eigen::Index i = columns - 1; i >= 0; --i) {
    const double variance = solver.eigenvalues()[i] > all * least_share ? solver.eigenvalues()[i] : 0;
    if (variance == 0 || kept >= share * all) {
      left_.push_back(variance);
      continue;
    }
    kept += variance;
    variances_.push_back(variance);
    for (Eigen::Index at = 0; at < columns; ++at) axes_.push_back(solver.eigenvectors()(at, i));
  }
}

PrincipalComponents::PrincipalComponents(std::vector<double> variances, std::vector<double> axes, std::size_t width)
    : width_(width), variances_(std::move(variances)), axes_(std::move(axes)), made_(width), parts_(width) {}

PrincipalComponents::Distance PrincipalComponents::distance(std::span<const double> row) {
  Distance result;
  std::fill(made_.begin(), made_.end(), 0.0);
  std::fill(parts_.begin(), parts_.end(), 0.0);
  const double* axis = axes_.data();
  for (const double variance : variances_) {
    double score = 0;
    for (std::size_t i = 0; i < width_; ++i) score += axis[i] * row[i];
    for (std::size_t i = 0; i < width_; ++i) made_[i] += score * axis[i];
    result.t2 += score * score / variance;
    for (std::size_t i = 0; i < width_; ++i) parts_[i] += score / variance * axis[i] * row[i];
    axis += width_;
  }
  double most = -1;
  for (std::size_t i = 0; i < width_; ++i) {
    const double square = (row[i] - made_[i]) * (row[i] - made_[i]);
    result.q += square;
    if (square > most) most = square, result.q_value = i;
  }
  result.t2_value = static_cast<std::size_t>(std::max_element(parts_.begin(), parts_.end()) - parts_.begin());
  result.q_expected = made_[result.q_value];
  return result;
}

double t2_limit(std::size_t components, std::size_t rows, double level) {
  const auto k = static_cast<double>(components);
  const auto n = static_cast<double>(rows);
  return k * (n * n - 1) / (n * (n - k)) *
         boost::math::quantile(boost::math::fisher_f_distribution<double>(k, n - k), level);
}

double q_limit(std::span<const double> left, double level) {
  double sum = 0;
  double squares = 0;
  for (const double variance : left) {
    sum += variance;
    squares += variance * variance;
  }
  if (!(sum > 0)) return 0;
  const boost::math::chi_squared_distribution<double> distribution(sum * sum / squares);
  return squares / sum * boost::math::quantile(distribution, level);
}

}  // namespace weir
