#include "stats/map_regression.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace weir {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_rounds = 50;
constexpr int most_sweeps = 1000;  ///< of a round; the next one goes on from there
constexpr double exact = 1e-12;    ///< share of the squares below which nothing is left to fit

/// The least of bᵀGb / 2 − rᵀb + Σ penalty |b|, from `b` on.
void descend(const MatrixXd& gram, const VectorXd& right, const VectorXd& penalty, VectorXd& b) {
  VectorXd slope = gram * b - right;
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    double change = 0;
    for (Index i = 0; i < b.size(); ++i) {
      if (!(gram(i, i) > 0)) continue;
      const double wanted = gram(i, i) * b[i] - slope[i];
      const double next = std::copysign(std::max(std::fabs(wanted) - penalty[i], 0.0), wanted) / gram(i, i);
      const double moved = next - b[i];
      if (moved == 0) continue;
      b[i] = next;
      slope += moved * gram.col(i);
      change = std::max(change, std::fabs(moved));
    }
    if (change <= 1e-10 * std::max(b.cwiseAbs().maxCoeff(), 1e-6)) return;
  }
}

}  // namespace

std::optional<std::vector<double>> fit_map(const NormalEquations& equations, std::span<const Prior> priors,
                                           double noise_scale) {
  const auto size = static_cast<Index>(equations.columns());
  std::vector<Index> smooth;
  std::vector<Index> rough;
  for (Index i = 0; i < size; ++i)
    (priors[static_cast<std::size_t>(i)].kind == Prior::Kind::normal ? smooth : rough).push_back(i);
  const auto gram_at = [&](Index i, Index j) {
    return equations.matrix()[static_cast<std::size_t>(std::max(i, j) * size + std::min(i, j))];
  };
  const auto part = [&](const std::vector<Index>& rows, const std::vector<Index>& columns) {
    MatrixXd matrix(static_cast<Index>(rows.size()), static_cast<Index>(columns.size()));
    for (Index i = 0; i < matrix.rows(); ++i)
      for (Index j = 0; j < matrix.cols(); ++j)
        matrix(i, j) = gram_at(rows[static_cast<std::size_t>(i)], columns[static_cast<std::size_t>(j)]);
    return matrix;
  };
  const auto right_of = [&](const std::vector<Index>& rows) {
    VectorXd right(static_cast<Index>(rows.size()));
    for (Index i = 0; i < right.size(); ++i)
      right[i] = equations.right()[static_cast<std::size_t>(rows[static_cast<std::size_t>(i)])];
    return right;
  };
  const auto scale_of = [&](Index i) { return priors[static_cast<std::size_t>(i)].scale; };
  const MatrixXd smooth_gram = part(smooth, smooth);
  const MatrixXd across = part(smooth, rough);
  const MatrixXd rough_gram = part(rough, rough);
  const VectorXd smooth_right = right_of(smooth);
  const VectorXd rough_right = right_of(rough);
  const auto count = static_cast<double>(equations.rows());

  VectorXd smooth_b = VectorXd::Zero(smooth_right.size());
  VectorXd rough_b = VectorXd::Zero(rough_right.size());
  double variance = std::max(equations.square() / std::max(count, 1.0), 1e-300);
  for (int round = 0; round < most_rounds; ++round) {
    // The smooth ones are solved for any value of the rough ones, and put into the problem of those.
    MatrixXd penalized = smooth_gram;
    for (Index i = 0; i < penalized.rows(); ++i)
      penalized(i, i) += variance / std::pow(scale_of(smooth[static_cast<std::size_t>(i)]), 2);
    const Eigen::LDLT<MatrixXd> factors(penalized);
    if (rough_b.size() > 0) {
      VectorXd penalty(rough_b.size());
      for (Index i = 0; i < penalty.size(); ++i) penalty[i] = variance / scale_of(rough[static_cast<std::size_t>(i)]);
      const MatrixXd solved = factors.solve(across);
      descend(rough_gram - across.transpose() * solved, rough_right - solved.transpose() * smooth_right, penalty,
              rough_b);
    }
    smooth_b = factors.solve(smooth_right - across * rough_b);
    double squares = equations.square() - 2 * (smooth_right.dot(smooth_b) + rough_right.dot(rough_b)) +
                     smooth_b.dot(smooth_gram * smooth_b) + rough_b.dot(rough_gram * rough_b) +
                     2 * smooth_b.dot(across * rough_b);
    const bool nothing_left = squares <= exact * equations.square();
    squares = std::max(squares, exact * equations.square());
    // n/σ − S/σ³ + σ/s² = 0
    const double precision = 1 / (noise_scale * noise_scale);
    const double next = 2 * squares / (count + std::sqrt(count * count + 4 * precision * squares));
    if (!std::isfinite(next) || !(next > 0)) break;
    const bool done = nothing_left || std::fabs(next - variance) <= 1e-9 * variance;
    variance = next;
    if (done) break;
  }
  if (!smooth_b.allFinite() || !rough_b.allFinite()) return std::nullopt;
  std::vector<double> b(equations.columns());
  for (std::size_t i = 0; i < smooth.size(); ++i)
    b[static_cast<std::size_t>(smooth[i])] = smooth_b[static_cast<Index>(i)];
  for (std::size_t i = 0; i < rough.size(); ++i) b[static_cast<std::size_t>(rough[i])] = rough_b[static_cast<Index>(i)];
  return b;
}

}  // namespace weir
