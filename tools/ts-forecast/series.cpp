#include "series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "record/counted.hpp"
#include "time/saturating.hpp"

namespace weir::ts_forecast {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// The number of the period since 1970, counted from 1 so that 0 is free.
std::int64_t period_of(Time time, Duration length) {
  const std::int64_t at = time.time_since_epoch().count();
  return (at >= 0 ? at / length.count() : (at + 1) / length.count() - 1) + 1;
}

/// The mean absolute difference of values a season apart: the unit of MASE and MSIS.
double unit_of(std::span<const double> values, std::size_t season) {
  if (values.size() <= season) return unknown;
  double sum = 0;
  for (std::size_t i = season; i < values.size(); ++i) sum += std::fabs(values[i] - values[i - season]);
  return sum > 0 ? sum / static_cast<double>(values.size() - season) : unknown;
}

}  // namespace

bool Series::begins_period(Time time, Duration every) {
  const std::int64_t period = period_of(time, every);
  if (period_ != 0 && period <= period_) return false;
  period_ = period;
  return true;
}

std::optional<Step> Series::step_of(const Plan& plan, std::string& reason) const {
  std::optional<Step> step = plan.step;
  if (!step || step->kind == Step::Kind::reading) {
    const auto usual = Step::infer(points_);
    if (usual && !step) step = usual;
    if (usual && step) step->length = usual->length;
  }
  if (!step) reason = counted(points_.size(), "reading") + ", all of one time";
  return step;
}

bool Series::is_usable(const Grid& grid, std::string& reason) const {
  if (2 * grid.filled <= grid.values.size()) return true;
  reason = fmt::format("{} of {} steps have no reading, more than half", grid.filled, grid.values.size());
  return false;
}

std::optional<Forecast> Series::forecast(Plan& plan, Duration refit, std::size_t limit, std::string& reason) {
  const bool due = !fit_ || period_of(points_.latest().time.value(), refit) > period_of(fitted_, refit);
  const auto step = due ? step_of(plan, reason) : std::optional(step_);
  if (!step) return std::nullopt;
  const auto steps_ahead = plan.steps_ahead(*step, reason);
  if (!steps_ahead) return std::nullopt;
  const std::size_t ahead = *steps_ahead;
  const std::vector<std::size_t> seasons = plan.seasons_of(*step);
  Forecast result{*step, make_grid(points_, *step, plan.zone, seasons.empty() ? 0 : seasons.front(), limit), {}, {}};
  const std::size_t size = result.past.values.size();
  if (!is_usable(result.past, reason)) return std::nullopt;
  const Calendar calendar =
      plan.calendar(result.past, *step, due ? Plan::usable(seasons, size, ahead) : fit_->seasons, ahead);
  const Past past{result.past.values, calendar};
  const Forecaster& forecaster = plan.forecaster(calendar.seasons.size());
  if (due) {
    if (const std::size_t least = forecaster.least(calendar); size < least) {
      reason = fmt::format("{}, and {} needs {}", counted(size, "value"), plan.model_name(), least);
      return std::nullopt;
    }
    fit_ = forecaster.fit(past, ahead);
    step_ = *step;
    fitted_ = *points_.latest().time;
  }
  result.values.resize(ahead);
  if (!fit_ || !forecaster.forecast(past, *fit_, result.values)) {
    fit_.reset();
    reason = fmt::format("{} finds no finite forecast", plan.model_name());
    return std::nullopt;
  }
  const double factor = interval_factor(*fit_, plan.probability);
  for (std::size_t i = 0; i < ahead; ++i) result.half_widths.push_back(factor * fit_->spread[i]);
  ++forecasts_;
  return result;
}

std::optional<Measures> Series::backtest(Plan& plan, std::size_t count, std::size_t limit, std::string& reason) const {
  const auto step = step_of(plan, reason);
  if (!step) return std::nullopt;
  const auto steps_ahead = plan.steps_ahead(*step, reason);
  if (!steps_ahead) return std::nullopt;
  const std::size_t ahead = *steps_ahead;
  const std::vector<std::size_t> seasons = plan.seasons_of(*step);
  const Grid grid = make_grid(points_, *step, plan.zone, seasons.empty() ? 0 : seasons.front(), limit);
  if (!is_usable(grid, reason)) return std::nullopt;
  Measures sum;
  std::vector<double> predicted(ahead);
  const double outside = 2 / (1 - plan.probability);
  for (std::size_t i = 1; i <= count && grid.values.size() > i * ahead; ++i) {
    const std::size_t size = grid.values.size() - i * ahead;
    const Calendar calendar = plan.calendar(grid, *step, Plan::usable(seasons, size, ahead), ahead);
    const Past past{std::span(grid.values).first(size), calendar};
    const Forecaster& forecaster = plan.forecaster(calendar.seasons.size());
    if (size < forecaster.least(calendar)) break;
    const auto fit = forecaster.fit(past, ahead);
    if (!fit || !forecaster.forecast(past, *fit, predicted)) continue;
    const double unit = unit_of(past.values, calendar.shortest());
    const double factor = interval_factor(*fit, plan.probability);
    double smape = 0;
    double error = 0;
    double interval = 0;
    double inside = 0;
    for (std::size_t k = 0; k < ahead; ++k) {
      const double actual = grid.values[size + k];
      const double low = plan.bounded(predicted[k] - factor * fit->spread[k]);
      const double high = plan.bounded(predicted[k] + factor * fit->spread[k]);
      const double value = plan.bounded(predicted[k]);
      const double amount = std::fabs(actual) + std::fabs(value);
      smape += amount > 0 ? 200 * std::fabs(actual - value) / amount : 0;
      error += std::fabs(actual - value);
      interval += high - low + outside * (std::max(low - actual, 0.0) + std::max(actual - high, 0.0));
      inside += actual >= low && actual <= high ? 1 : 0;
    }
    const auto steps = static_cast<double>(ahead);
    ++sum.origins;
    sum.smape += smape / steps;
    sum.mase += error / steps / unit;
    sum.msis += interval / steps / unit;
    sum.coverage += inside / steps;
  }
  if (sum.origins == 0) {
    reason = fmt::format("{} values are too few to hold {} of them out", grid.values.size(), ahead);
    return std::nullopt;
  }
  for (double* each : {&sum.smape, &sum.mase, &sum.msis, &sum.coverage}) *each /= static_cast<double>(sum.origins);
  return sum;
}

std::string Series::reason_without() const {
  if (without_.empty()) return counted(points_.size(), "reading");
  return fmt::format("{}, when a period of --every last began, and {} by the end, {} of them late", without_,
                     counted(points_.size(), "reading"), late_);
}

void Series::state(StateArchive& archive) {
  archive.values(points_, period_, forecasts_, late_, without_, fit_, step_.kind, step_.length, fitted_);
}

}  // namespace weir::ts_forecast
