// An autoregression at chosen lags, which continues a series.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "model.hpp"

namespace weir::ts_forecast {

/// The lags of a series with these seasons: 1, 2, 3, and those about each season; none over half of `size`.
std::vector<std::size_t> lags_of(const Calendar& calendar, std::size_t size);

/// Sets `ahead` to the values that continue `values`: those at the lags times coefficients of weighted least squares.
/// A value counts half after `half_life` steps; 0: all count alike. The ridge is that share of the mean square.
bool continue_series(std::span<const double> values, std::span<const std::size_t> lags, double half_life, double ridge,
                     std::span<double> ahead);

}  // namespace weir::ts_forecast
