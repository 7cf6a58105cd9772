// A polynomial through points by least squares, and what it predicts.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace weir {

/// A prediction and the interval that contains the next observation with a given probability.
struct Prediction {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// Fits polynomials of one degree, again and again with the same memory.
///
/// x is centred and scaled to [-1, 1] before the powers are computed, and Eigen solves the system by QR with column
/// pivoting. So times in seconds lose no digits. y is centred on its mean. Coefficients are those of the caller's x.
class PolynomialFitter {
 public:
  explicit PolynomialFitter(std::size_t degree);
  ~PolynomialFitter();
  PolynomialFitter(PolynomialFitter&&) noexcept;
  PolynomialFitter& operator=(PolynomialFitter&&) noexcept;

  /// Fits points of finite numbers; `x` and `y` have the same size. Returns false with fewer than degree + 2 points (no
  /// residual is left), with fewer than degree + 1 different x, or where a double's range is left.
  bool fit(std::span<const double> x, std::span<const double> y);

  /// The results below are of the last successful fit.

  /// Highest power first, as in numpy.polyfit.
  const std::vector<double>& coefficients() const;

  /// Standard deviation of the residuals: sqrt(SSE / (n - degree - 1)).
  double sd() const;

  /// Coefficient of determination, 1 - SSE / SST; nothing when all y are equal.
  std::optional<double> r2() const;

  /// The fitted value at x0 and its prediction interval for one further observation there,
  ///   y ± t(1 - (1 - confidence) / 2, n - p) · sd · sqrt(1 + x0ᵀ (XᵀX)⁻¹ x0),  p = degree + 1
  /// (Montgomery, Peck, Vining: Introduction to Linear Regression Analysis, section "Prediction of New Observations").
  /// `confidence` lies between 0 and 1, both excluded.
  Prediction predict(double x0, double confidence);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
