#include "smoothing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/minimize.hpp"

namespace weir::ts_forecast {
namespace {

/// The smoothed level after all values, from the first one on, and the sum of squared errors on the way.
double smoothed(std::span<const double> values, double share, double& squares) {
  double state = values[0];
  squares = 0;
  for (const double value : values) {
    squares += (value - state) * (value - state);
    state += share * (value - state);
  }
  return state;
}

/// A series without its season, and the season: factors, or terms where a factor would not be positive.
struct Adjusted {
  std::vector<double> values;
  std::vector<double> season;  ///< of each slot; empty: none
  bool multiplies = true;
};

/// Whether the autocorrelation at a season stands out: n r² over the sum of the squares of those before it, against the
/// 90 % quantile of chi-squared.
bool has_season(std::span<const double> values, std::size_t season) {
  const std::size_t size = values.size();
  if (season < 2 || size < 2 * season + 1) return false;
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(size);
  double variance = 0;
  double sum = 0;
  double last = 0;
  for (std::size_t lag = 0; lag <= season; ++lag) {
    double product = 0;
    for (std::size_t t = lag; t < size; ++t) product += (values[t] - mean) * (values[t - lag] - mean);
    if (lag == 0) variance = product;
    if (!(variance > 0)) return false;
    last = product / variance;
    if (lag < season) sum += last * last;
  }
  return static_cast<double>(size) * last * last / sum > 2.705543454095404;
}

/// The classical decomposition: a centred moving mean over a season, then the mean of each slot.
std::vector<double> slot_means(std::span<const double> values, std::size_t season, bool multiplies) {
  std::vector<double> sums(season, 0);
  std::vector<double> counts(season, 0);
  const std::size_t half = season / 2;
  for (std::size_t t = half; t + half < values.size(); ++t) {
    double mean = 0;
    for (std::size_t i = t - half; i <= t + half; ++i) {
      const bool end = season % 2 == 0 && (i == t - half || i == t + half);
      mean += (end ? 0.5 : 1.0) * values[i] / static_cast<double>(season);
    }
    sums[t % season] += multiplies ? values[t] / mean : values[t] - mean;
    ++counts[t % season];
  }
  double level = 0;
  for (std::size_t slot = 0; slot < season; ++slot) {
    sums[slot] /= counts[slot];
    level += sums[slot] / static_cast<double>(season);
  }
  for (double& each : sums) each = multiplies ? each / level : each - level;
  return sums;
}

Adjusted adjusted(std::span<const double> values, std::size_t season) {
  Adjusted result{{values.begin(), values.end()}, {}, true};
  if (!has_season(values, season)) return result;
  result.multiplies = is_positive(values);
  result.season = slot_means(values, season, result.multiplies);
  if (result.multiplies && *std::min_element(result.season.begin(), result.season.end()) <= 0) {
    result.multiplies = false;
    result.season = slot_means(values, season, false);
  }
  for (std::size_t t = 0; t < values.size(); ++t) {
    const double each = result.season[t % season];
    result.values[t] = result.multiplies ? values[t] / each : values[t] - each;
  }
  return result;
}

}  // namespace

Parameters Theta::fit(const Past& past) const {
  const Adjusted series = adjusted(past.values, past.calendar.shortest());
  const auto squares_of = [&](std::span<const double> x) {
    double squares = 0;
    smoothed(series.values, x[0], squares);
    return std::log(squares + std::numeric_limits<double>::min());
  };
  const Variable variable{1e-4, 1, 0.3};
  Minimum best{{0.5}, std::numeric_limits<double>::infinity()};
  for (const double first : {0.1, 0.5, 0.9})
    if (Minimum found = minimize(squares_of, {first}, std::span(&variable, 1)); found.value < best.value)
      best = std::move(found);
  return best.at;
}

bool Theta::forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const {
  if (parameters.size() != 1 || past.size() < 2) return false;
  const Adjusted series = adjusted(past.values, past.calendar.shortest());
  const auto size = static_cast<double>(past.size());
  double sum = 0;
  double slope = 0;
  for (std::size_t t = 0; t < past.size(); ++t) {
    const double x = static_cast<double>(t) - (size - 1) / 2;
    slope += x * series.values[t];
    sum += x * x;
  }
  slope /= sum;
  const double share = parameters[0];
  double squares = 0;
  const double last = smoothed(series.values, share, squares);
  const double start = (1 - std::pow(1 - share, size)) / share;
  for (std::size_t i = 0; i < ahead.size(); ++i) {
    double value = last + slope / 2 * (static_cast<double>(i) + start);
    if (!series.season.empty()) {
      const double season = series.season[(past.size() + i) % series.season.size()];
      value = series.multiplies ? value * season : value + season;
    }
    if (!std::isfinite(value)) return false;
    ahead[i] = value;
  }
  return true;
}

}  // namespace weir::ts_forecast
