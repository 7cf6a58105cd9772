#include "forecaster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/student_t.hpp"

namespace weir::ts_forecast {
namespace {

constexpr std::size_t most_hold_outs = 7;
constexpr std::size_t least_in_step = 3;  ///< hold-outs but one, below which they need not be whole seasons apart
constexpr std::size_t least_fitted = 6;   ///< values before a hold-out
constexpr double power = 4;
constexpr double none = std::numeric_limits<double>::infinity();

double mean_absolute(std::span<const double> errors) {
  double sum = 0;
  for (const double error : errors) sum += std::fabs(error);
  return sum / static_cast<double>(errors.size());
}

/// Weights by 1 / error⁴, whose sum is 1; 0 for a model without an error.
std::vector<double> weights_of(const std::vector<double>& errors, double unit) {
  const double least = *std::min_element(errors.begin(), errors.end());
  std::vector<double> weights(errors.size(), 0);
  if (least == none) return weights;
  double sum = 0;
  for (std::size_t i = 0; i < errors.size(); ++i)
    if (errors[i] < none) sum += weights[i] = std::pow((least + unit) / (errors[i] + unit), power);
  for (double& weight : weights) weight /= sum;
  return weights;
}

/// The errors of all models at one origin.
struct Trial {
  std::vector<std::vector<double>> errors;  ///< of each model; empty: it had no forecast
  std::vector<double> sizes;                ///< the mean absolute one of each model
};

/// The mean over the trials, but for one of them, of each model's error. A model needs a forecast in all.
std::vector<double> mean_sizes(const std::vector<Trial>& trials, std::size_t but) {
  std::vector<double> sums(trials.front().sizes.size(), 0);
  std::size_t count = 0;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (i == but && trials.size() > 1) continue;
    ++count;
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += trials[i].sizes[j];
  }
  for (double& sum : sums) sum /= static_cast<double>(count);
  return sums;
}

/// Squares smoothed over neighbouring steps, and carried on to steps that no hold-out has as a random walk's.
std::vector<double> spread_of(const std::vector<double>& squares, const HoldOuts& held, std::size_t season,
                              std::size_t ahead) {
  const std::size_t size = squares.size();
  const std::size_t reach = std::min<std::size_t>(4, held.in_step ? season / 6 : size / 4);
  std::vector<double> spread(ahead);
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t from = i - std::min(i, reach);
    const std::size_t to = std::min(size, i + reach + 1);
    double sum = 0;
    for (std::size_t j = from; j < to; ++j) sum += squares[j];
    spread[i] = std::sqrt(sum / static_cast<double>(to - from));
  }
  for (std::size_t i = size; i < ahead; ++i)
    spread[i] = spread[size - 1] * std::sqrt(static_cast<double>(i + 1) / static_cast<double>(size));
  return spread;
}

}  // namespace

HoldOuts hold_outs(std::size_t size, const Calendar& calendar, std::size_t ahead, std::size_t least) {
  HoldOuts result;
  if (size < least + 1) return result;
  const std::size_t season = calendar.shortest();
  result.steps = std::min({ahead, std::max<std::size_t>(1, size / 4), size - least});
  const std::size_t floor = std::max({least, 2 * calendar.longest(), size / 2});
  const auto room_after = [&](std::size_t first) { return size > floor + first ? size - floor - first : 0; };
  std::size_t first = (result.steps + season - 1) / season * season;
  std::size_t apart = season;
  result.in_step = season > 1 && room_after(first) >= least_in_step * season;
  if (!result.in_step) {
    first = result.steps;
    apart = std::clamp<std::size_t>(room_after(first) / (most_hold_outs - 1), 1, result.steps);
  }
  for (std::size_t i = 0; i < most_hold_outs && (i == 0 || i * apart <= room_after(first)); ++i)
    result.origins.push_back(first + i * apart);
  return result;
}

std::size_t Forecaster::least(const Calendar& calendar) const {
  std::size_t least = least_fitted;
  for (const auto& model : models_) least = std::max(least, model->least(calendar));
  return least + 1;
}

std::optional<Fit> Forecaster::fit(const Past& past, std::size_t ahead) const {
  const HoldOuts held = hold_outs(past.size(), past.calendar, ahead, least(past.calendar) - 1);
  if (held.origins.empty()) return std::nullopt;
  Fit fit;
  fit.seasons = past.calendar.seasons;
  for (const auto& model : models_) fit.parameters.push_back(model->fit(past));
  std::vector<Trial> trials;
  std::vector<double> predicted(held.steps);
  for (const std::size_t origin : held.origins) {
    const std::size_t begin = past.size() - origin;
    Trial& trial = trials.emplace_back();
    for (std::size_t i = 0; i < models_.size(); ++i) {
      std::vector<double>& errors = trial.errors.emplace_back();
      if (models_[i]->forecast(past.until(begin), fit.parameters[i], predicted))
        for (std::size_t k = 0; k < held.steps; ++k) errors.push_back(past.values[begin + k] - predicted[k]);
      trial.sizes.push_back(errors.empty() ? none : mean_absolute(errors));
    }
  }
  const auto [least_value, greatest] = std::minmax_element(past.values.begin(), past.values.end());
  const double unit = 1e-9 * (*greatest - *least_value) + std::numeric_limits<double>::min();
  fit.weights = weights_of(mean_sizes(trials, trials.size()), unit);
  if (std::all_of(fit.weights.begin(), fit.weights.end(), [](double weight) { return weight == 0; }))
    return std::nullopt;
  // Each hold-out is judged with the weights of the others.
  std::vector<double> squares(held.steps, 0);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const std::vector<double> weights = weights_of(mean_sizes(trials, i), unit);
    for (std::size_t k = 0; k < held.steps; ++k) {
      double error = 0;
      for (std::size_t j = 0; j < models_.size(); ++j)
        if (weights[j] > 0 && !trials[i].errors[j].empty()) error += weights[j] * trials[i].errors[j][k];
      squares[k] += error * error / static_cast<double>(trials.size());
    }
  }
  fit.spread = spread_of(squares, held, past.calendar.shortest(), ahead);
  fit.origins = trials.size();
  return fit;
}

bool Forecaster::forecast(const Past& past, const Fit& fit, std::span<double> ahead) const {
  std::fill(ahead.begin(), ahead.end(), 0.0);
  std::vector<double> one(ahead.size());
  double sum = 0;
  for (std::size_t i = 0; i < models_.size(); ++i) {
    if (fit.weights[i] == 0 || !models_[i]->forecast(past, fit.parameters[i], one)) continue;
    sum += fit.weights[i];
    for (std::size_t k = 0; k < ahead.size(); ++k) ahead[k] += fit.weights[i] * one[k];
  }
  if (!(sum > 0)) return false;
  for (double& value : ahead) {
    value /= sum;
    if (!std::isfinite(value)) return false;
  }
  return true;
}

double interval_factor(const Fit& fit, double probability) {
  return student_t_quantile(0.5 + probability / 2, static_cast<double>(fit.origins));
}

}  // namespace weir::ts_forecast
