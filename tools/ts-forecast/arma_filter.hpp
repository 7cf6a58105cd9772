// The Kalman filter of an ARMA process.
#pragma once
#include <memory>
#include <span>
#include <vector>

namespace weir::ts_forecast {

/// What a filter has found of a series.
struct ArmaPass {
  double log_likelihood = 0;  ///< with the variance that is likeliest; −infinity where there is none
  std::vector<double> ahead;  ///< the expected values of the next steps
};

/// Filters a series with mean 0. `ar` are φ1 … φp, `ma` θ1 … θq of x_t = Σ φ x + e_t + Σ θ e, stationary and
/// invertible.
ArmaPass filter_arma(std::span<const double> series, std::span<const double> ar, std::span<const double> ma,
                     std::size_t ahead);

}  // namespace weir::ts_forecast
