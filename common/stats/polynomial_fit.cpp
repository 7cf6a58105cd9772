#include "stats/polynomial_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "stats/student_t.hpp"

namespace weir {

struct PolynomialFitter::Impl {
  explicit Impl(std::size_t wanted) : degree(wanted), coefficients(wanted + 1) {}

  bool fit(std::span<const double> x, std::span<const double> y);
  bool unscale();
  double scaled(double x) const { return (x - middle) / half; }
  Eigen::VectorXd powers(double z) const;
  double quantile(double confidence);

  std::size_t degree;
  std::size_t points = 0;
  double middle = 0;  ///< of the x
  double half = 1;    ///< half the width of the x
  double y_mean = 0;
  Eigen::MatrixXd design;
  Eigen::VectorXd target;
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr;
  Eigen::VectorXd scaled_coefficients;  ///< lowest power first, of the scaled x and the moved y
  std::vector<double> coefficients;
  double sd = 0;
  std::optional<double> r2;

  // The last quantile is kept: Boost's costs more than the fit, and predictions of a series have the same n.
  double quantile_confidence = 0;
  std::size_t quantile_points = 0;
  double quantile_value = 0;
};

Eigen::VectorXd PolynomialFitter::Impl::powers(double z) const {
  Eigen::VectorXd row(static_cast<Eigen::Index>(degree + 1));
  double power = 1;
  for (double& each : row) {
    each = power;
    power *= z;
  }
  return row;
}

bool PolynomialFitter::Impl::fit(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size() || x.size() < degree + 2) return false;
  points = x.size();
  const auto [least, greatest] = std::minmax_element(x.begin(), x.end());
  middle = *least + (*greatest - *least) / 2;
  half = (*greatest - *least) / 2;
  if (half == 0) {
    if (degree > 0) return false;
    half = 1;
  }
  // Values are taken as distances from the first, so that the mean of equal values is exact and leaves no residuals.
  const double origin = y.front();
  double sum = 0;
  for (const double value : y) sum += value - origin;
  y_mean = origin + sum / static_cast<double>(points);

  const auto rows = static_cast<Eigen::Index>(points);
  design.resize(rows, static_cast<Eigen::Index>(degree + 1));
  target.resize(rows);
  for (Eigen::Index i = 0; i < rows; ++i) {
    const double z = scaled(x[static_cast<std::size_t>(i)]);
    double power = 1;
    for (Eigen::Index j = 0; j < design.cols(); ++j) {
      design(i, j) = power;
      power *= z;
    }
    target[i] = y[static_cast<std::size_t>(i)] - y_mean;
  }
  qr.compute(design);
  if (qr.rank() < design.cols()) return false;
  scaled_coefficients = qr.solve(target);

  const double total = target.squaredNorm();
  const double left = (target - design * scaled_coefficients).squaredNorm();
  sd = std::sqrt(left / static_cast<double>(points - degree - 1));
  const bool constant = std::all_of(y.begin(), y.end(), [origin](double value) { return value == origin; });
  r2 = constant ? std::nullopt : std::optional(1 - left / total);
  return std::isfinite(sd) && std::isfinite(total) && unscale();
}

/// Turns the polynomial of z = (x - middle) / half into one of x, by Horner's scheme over polynomials.
bool PolynomialFitter::Impl::unscale() {
  std::fill(coefficients.begin(), coefficients.end(), 0.0);
  const double slope = 1 / half;
  const double offset = -middle / half;
  // `coefficients` has the highest power first: the polynomial so far, c[0]·x^degree + …, times (slope·x + offset),
  // plus the next.
  for (auto i = scaled_coefficients.size(); i-- > 0;) {
    for (std::size_t k = 0; k < coefficients.size(); ++k) {
      const double from_below = k + 1 < coefficients.size() ? coefficients[k + 1] * slope : 0;
      coefficients[k] = coefficients[k] * offset + from_below;
    }
    coefficients.back() += scaled_coefficients[i];
  }
  coefficients.back() += y_mean;
  return std::all_of(coefficients.begin(), coefficients.end(), [](double c) { return std::isfinite(c); });
}

double PolynomialFitter::Impl::quantile(double confidence) {
  if (confidence != quantile_confidence || points != quantile_points) {
    quantile_confidence = confidence;
    quantile_points = points;
    quantile_value = student_t_quantile(0.5 + confidence / 2, static_cast<double>(points - degree - 1));
  }
  return quantile_value;
}

PolynomialFitter::PolynomialFitter(std::size_t degree) : impl_(std::make_unique<Impl>(degree)) {}
PolynomialFitter::~PolynomialFitter() = default;
PolynomialFitter::PolynomialFitter(PolynomialFitter&&) noexcept = default;
PolynomialFitter& PolynomialFitter::operator=(PolynomialFitter&&) noexcept = default;

bool PolynomialFitter::fit(std::span<const double> x, std::span<const double> y) { return impl_->fit(x, y); }
const std::vector<double>& PolynomialFitter::coefficients() const { return impl_->coefficients; }
double PolynomialFitter::sd() const { return impl_->sd; }
std::optional<double> PolynomialFitter::r2() const { return impl_->r2; }

Prediction PolynomialFitter::predict(double x0, double confidence) {
  Impl& impl = *impl_;
  const Eigen::VectorXd at = impl.powers(impl.scaled(x0));
  const double value = impl.y_mean + at.dot(impl.scaled_coefficients);
  // With X·P = Q·R: x0ᵀ (XᵀX)⁻¹ x0 = |R⁻ᵀ Pᵀ x0|², no inverse needed.
  const auto columns = impl.design.cols();
  const Eigen::VectorXd permuted = impl.qr.colsPermutation().transpose() * at;
  const double leverage = impl.qr.matrixR()
                              .topLeftCorner(columns, columns)
                              .template triangularView<Eigen::Upper>()
                              .transpose()
                              .solve(permuted)
                              .squaredNorm();
  const double reach = impl.quantile(confidence) * impl.sd * std::sqrt(1 + leverage);
  return {value, value - reach, value + reach};
}

}  // namespace weir
