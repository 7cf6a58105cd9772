#include "seasonal_models.hpp"

#include <algorithm>
#include <cmath>

#include "autoregression.hpp"

namespace weir::ts_forecast {
namespace {

constexpr double half_life_seasons = 4;  ///< of the longest season: after them a value of Dummies counts half
constexpr double half_life_without = 100;
constexpr int sweeps = 10;
constexpr double ridge_of_shortest = 0.1;  ///< in values: how many of 0 the mean of a slot is pulled by
constexpr double ridge_of_others = 1;
constexpr double ridge_of_remainders = 1e-3;
constexpr double ridge_of_differences = 1e-4;
constexpr double most_ranges = 2;  ///< how far a forecast may leave what has been, in ranges of it

/// Limits values that an unstable recursion drives away.
bool limit_to(std::span<const double> seen, std::span<double> ahead) {
  const auto [least, greatest] = std::minmax_element(seen.begin(), seen.end());
  const double range = most_ranges * (*greatest - *least);
  const double low = *least - range;
  const double high = *greatest + range;
  for (double& value : ahead) {
    if (!std::isfinite(value)) return false;
    value = std::clamp(value, low, high);
  }
  return std::isfinite(range);
}

/// The means of the slots of one cycle.
struct Effect {
  Effect(const Cycle& of, double ridge_, std::span<const double> weights) : cycle(of), ridge(ridge_) {
    means.assign(of.length, 0);
    sums.assign(of.length, 0);
    totals.assign(of.length, 0);
    for (std::size_t t = 0; t < weights.size(); ++t)
      if (of.slots[t] >= 0) totals[static_cast<std::size_t>(of.slots[t])] += weights[t];
  }
  double at(std::size_t step) const {
    const std::int32_t slot = cycle.slots[step];
    return slot < 0 ? 0 : means[static_cast<std::size_t>(slot)];
  }
  /// Fits the means to what remains without them, and takes them out of it.
  void sweep(std::span<const double> weights, std::span<double> rest) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t t = 0; t < rest.size(); ++t) {
      rest[t] += at(t);
      if (cycle.slots[t] >= 0) sums[static_cast<std::size_t>(cycle.slots[t])] += weights[t] * rest[t];
    }
    for (std::size_t slot = 0; slot < means.size(); ++slot) means[slot] = sums[slot] / (totals[slot] + ridge);
    for (std::size_t t = 0; t < rest.size(); ++t) rest[t] -= at(t);
  }
  const Cycle& cycle;
  double ridge;
  std::vector<double> means;
  std::vector<double> sums;
  std::vector<double> totals;
};

}  // namespace

bool SeasonalNaive::forecast(const Past& past, const Parameters&, std::span<double> ahead) const {
  const std::size_t season = length(past.calendar);
  if (past.size() < season) return false;
  for (std::size_t i = 0; i < ahead.size(); ++i) ahead[i] = past.values[past.size() - season + i % season];
  return true;
}

bool Dummies::forecast(const Past& past, const Parameters&, std::span<double> ahead) const {
  const std::size_t size = past.size();
  const Calendar& calendar = past.calendar;
  const double half_life =
      calendar.seasons.empty() ? half_life_without : half_life_seasons * static_cast<double>(calendar.longest());
  std::vector<double> weights(size);
  double sum = 0;
  double total = 0;
  for (std::size_t t = 0; t < size; ++t) {
    weights[t] = std::exp2(-static_cast<double>(size - 1 - t) / half_life);
    sum += weights[t] * past.values[t];
    total += weights[t];
  }
  const double mean = sum / total;
  std::vector<double> rest(size);
  for (std::size_t t = 0; t < size; ++t) rest[t] = past.values[t] - mean;
  std::vector<Effect> effects;
  for (const Cycle& cycle : calendar.cycles)
    effects.emplace_back(cycle, effects.empty() ? ridge_of_shortest : ridge_of_others, weights);
  for (int i = 0; i < sweeps; ++i)
    for (Effect& effect : effects) effect.sweep(weights, rest);
  if (!continue_series(rest, lags_of(calendar, size), half_life, ridge_of_remainders, ahead)) return false;
  for (std::size_t i = 0; i < ahead.size(); ++i) {
    ahead[i] += mean;
    for (const Effect& effect : effects) ahead[i] += effect.at(size + i);
  }
  return limit_to(past.values, ahead);
}

bool Differences::forecast(const Past& past, const Parameters&, std::span<double> ahead) const {
  const std::size_t season = past.calendar.shortest();
  const std::size_t size = past.size();
  if (size < season + 4) return false;
  std::vector<double> differences(size - season);
  for (std::size_t t = season; t < size; ++t) differences[t - season] = past.values[t] - past.values[t - season];
  if (!continue_series(differences, lags_of(past.calendar, differences.size()), 0, ridge_of_differences, ahead))
    return false;
  for (std::size_t i = 0; i < ahead.size(); ++i)
    ahead[i] += i < season ? past.values[size + i - season] : ahead[i - season];
  return limit_to(past.values, ahead);
}

Parameters Logarithmic::fit(const Past& past) const {
  if (!is_positive(past.values)) return of_->fit(past);
  std::vector<double> logs(past.values.begin(), past.values.end());
  for (double& value : logs) value = std::log(value);
  return of_->fit({logs, past.calendar});
}

bool Logarithmic::forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const {
  if (!is_positive(past.values)) return of_->forecast(past, parameters, ahead);
  std::vector<double> logs(past.values.begin(), past.values.end());
  for (double& value : logs) value = std::log(value);
  if (!of_->forecast({logs, past.calendar}, parameters, ahead)) return false;
  for (double& value : ahead) {
    value = std::exp(value);
    if (!std::isfinite(value)) return false;
  }
  return true;
}

}  // namespace weir::ts_forecast
