// A support vector machine of one class (Schölkopf and others, Neural Computation 13, 2001), trained by libsvm.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace weir::svm {

/// The region in which most rows lie: a weighted sum of Gaussians about some of them, above a limit.
class OneClass {
 public:
  struct Training {
    double nu = 0.01;         ///< the most rows outside, and the least that are support vectors, as a share
    double gamma = 1;         ///< of exp(−gamma · distance²)
    double tolerance = 1e-3;  ///< at which the solver stops
  };
  /// Trains on `rows` × `width` finite values, row by row, at least one row. Throws std::invalid_argument on other
  /// training than 0 < nu < 1 and gamma > 0. The time grows with the square of the rows.
  OneClass(std::span<const double> values, std::size_t width, const Training& training);

  /// A machine that was trained before. Throws std::invalid_argument where the parts do not make one: each of
  /// `weights` has `width` values in `vectors`, is positive, and gamma and rho are too.
  OneClass(std::vector<double> weights, std::vector<double> vectors, std::size_t width, double gamma, double rho);

  /// The sum of the weighted Gaussians at a row; above 0. libsvm's decision value, and scikit-learn's, is this − rho().
  double density(std::span<const double> row) const;
  /// The density at the region's edge.
  double rho() const { return rho_; }
  double gamma() const { return gamma_; }
  std::size_t width() const { return width_; }
  const std::vector<double>& weights() const { return weights_; }
  const std::vector<double>& vectors() const { return vectors_; }

 private:
  void check() const;
  std::size_t width_;
  double gamma_;
  double rho_ = 0;
  std::vector<double> weights_;
  std::vector<double> vectors_;  ///< `width` values for each weight
};

}  // namespace weir::svm
