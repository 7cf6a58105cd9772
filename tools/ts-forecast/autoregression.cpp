#include "autoregression.hpp"

#include <algorithm>
#include <cmath>

#include "stats/normal_equations.hpp"

namespace weir::ts_forecast {

std::vector<std::size_t> lags_of(const Calendar& calendar, std::size_t size) {
  std::vector<std::size_t> lags{1, 2, 3};
  for (const std::size_t season : calendar.seasons)
    for (const std::size_t lag : {season - 1, season, season + 1})
      if (lag > 0) lags.push_back(lag);
  std::sort(lags.begin(), lags.end());
  lags.erase(std::unique(lags.begin(), lags.end()), lags.end());
  while (!lags.empty() && lags.back() > size / 2) lags.pop_back();
  return lags;
}

bool continue_series(std::span<const double> values, std::span<const std::size_t> lags, double half_life, double ridge,
                     std::span<double> ahead) {
  std::fill(ahead.begin(), ahead.end(), 0.0);
  if (lags.empty()) return true;
  const std::size_t size = values.size();
  const std::size_t first = lags.back();
  const double fading = half_life > 0 ? std::exp2(-1 / half_life) : 1;
  NormalEquations equations(lags.size());
  std::vector<double> row(lags.size());
  double weight = 1;
  for (std::size_t i = size; i-- > first; weight *= fading) {
    for (std::size_t j = 0; j < lags.size(); ++j) row[j] = values[i - lags[j]];
    equations.add(row, values[i], weight);
  }
  const double scale = equations.mean_square();
  if (!(scale > 0)) return std::isfinite(scale);  // all are 0, and so are the next
  const auto coefficients = equations.solve(ridge * scale);
  if (!coefficients) return false;
  for (std::size_t i = 0; i < ahead.size(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < lags.size(); ++j)
      sum += (*coefficients)[j] * (lags[j] > i ? values[size + i - lags[j]] : ahead[i - lags[j]]);
    ahead[i] = sum;
  }
  return true;
}

}  // namespace weir::ts_forecast
