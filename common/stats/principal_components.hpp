// Principal components of rows of values, and the two statistics that tell a strange row by them.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace weir {

/// The principal components of values that were scaled to mean 0.
class PrincipalComponents {
 public:
  /// Of `rows` × `width` values, row by row, of at least two rows: as many components as have `share` (above 0, to 1)
  /// of the variance; none where all is constant. Eigen solves the covariance matrix, whose divisor is rows − 1.
  PrincipalComponents(std::span<const double> values, std::size_t width, double share);
  /// Components that were found before: `variances`, above 0, and `axes`, `width` values for each.
  PrincipalComponents(std::vector<double> variances, std::vector<double> axes, std::size_t width);

  std::size_t width() const { return width_; }
  /// Components that are kept, the greatest variance first.
  std::size_t count() const { return variances_.size(); }
  const std::vector<double>& variances() const { return variances_; }
  const std::vector<double>& axes() const { return axes_; }
  /// The variances of the components that are not kept; empty of components that were found before.
  const std::vector<double>& left() const { return left_; }

  struct Distance {
    double t2 = 0;             ///< Hotelling's T²: within the components, in units of their variances
    double q = 0;              ///< the squared distance to what the components make of the row
    std::size_t t2_value = 0;  ///< the value that has most part in each
    std::size_t q_value = 0;
    double q_expected = 0;  ///< what the components make of that value of q
  };
  /// `row` has `width` values. Not for several threads at a time.
  Distance distance(std::span<const double> row);

 private:
  std::size_t width_;
  std::vector<double> variances_;
  std::vector<double> axes_;  ///< component by component
  std::vector<double> left_;
  std::vector<double> made_;   ///< of the row at hand
  std::vector<double> parts_;  ///< its part in t2
};

/// The T² that a share `level` of new rows of the same normal distribution stays below: k (n² − 1) / (n (n − k)) ·
/// F(level; k, n − k) of k components, at least one, and n rows, more than k (Hotelling; quantile by Boost.Math).
double t2_limit(std::size_t components, std::size_t rows, double level);

/// The Q that they pass with `level`, by the variances of the components left out: Box's g · chi²(h) (Annals of
/// Mathematical Statistics 25, 1954), g = sum of squares / sum, h = sum² / sum of squares. 0 where these are all 0.
double q_limit(std::span<const double> left, double level);

}  // namespace weir
