#include "additive.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "stats/map_regression.hpp"

namespace weir::ts_forecast {
namespace {

constexpr std::size_t most_bends = 25;
constexpr double share_with_bends = 0.8;
constexpr double scale_of_line = 5;
constexpr double scale_of_bends = 0.05;
constexpr double scale_of_waves = 10;  ///< and of holidays
constexpr double scale_of_noise = 0.5;

/// The columns of the model at any step.
class Design {
 public:
  Design(const Past& past)
      : calendar_(past.calendar), last_(static_cast<double>(std::max<std::size_t>(past.size(), 2) - 1)) {
    const auto within = static_cast<std::size_t>(std::floor(static_cast<double>(past.size()) * share_with_bends));
    const std::size_t count = std::min(most_bends, within > 0 ? within - 1 : 0);
    for (std::size_t i = 1; i <= count; ++i)
      bends_.push_back(
          std::nearbyint(static_cast<double>(i) * static_cast<double>(within - 1) / static_cast<double>(count)) /
          last_);
    priors_.assign(2, {Prior::Kind::normal, scale_of_line});
    priors_.insert(priors_.end(), bends_.size(), {Prior::Kind::laplace, scale_of_bends});
    for (const Cycle& cycle : calendar_.cycles)
      priors_.insert(priors_.end(), 2 * cycle.waves, {Prior::Kind::normal, scale_of_waves});
    priors_.insert(priors_.end(), calendar_.holiday_names, {Prior::Kind::normal, scale_of_waves});
    row_.resize(priors_.size());
  }

  const std::vector<Prior>& priors() const { return priors_; }

  std::span<const double> at(std::size_t step) {
    const double time = static_cast<double>(step) / last_;
    std::size_t column = 0;
    row_[column++] = 1;
    row_[column++] = time;
    for (const double bend : bends_) row_[column++] = std::max(time - bend, 0.0);
    for (const Cycle& cycle : calendar_.cycles) {
      const double angle = 2 * std::numbers::pi * cycle.slots[step] / static_cast<double>(cycle.length);
      for (std::size_t wave = 1; wave <= cycle.waves; ++wave) {
        row_[column++] = std::sin(static_cast<double>(wave) * angle);
        row_[column++] = std::cos(static_cast<double>(wave) * angle);
      }
    }
    std::fill(row_.begin() + static_cast<std::ptrdiff_t>(column), row_.end(), 0.0);
    if (!calendar_.holidays.empty() && calendar_.holidays[step] >= 0)
      row_[column + static_cast<std::size_t>(calendar_.holidays[step])] = 1;
    return row_;
  }

 private:
  const Calendar& calendar_;
  double last_;
  std::vector<double> bends_;
  std::vector<Prior> priors_;
  std::vector<double> row_;
};

}  // namespace

bool Additive::forecast(const Past& past, const Parameters&, std::span<double> ahead) const {
  double scale = 0;
  for (const double value : past.values) scale = std::max(scale, std::fabs(value));
  if (scale == 0) scale = 1;
  Design design(past);
  NormalEquations equations(design.priors().size());
  for (std::size_t t = 0; t < past.size(); ++t) equations.add(design.at(t), past.values[t] / scale);
  const auto coefficients = fit_map(equations, design.priors(), scale_of_noise);
  if (!coefficients) return false;
  for (std::size_t i = 0; i < ahead.size(); ++i) {
    const std::span<const double> row = design.at(past.size() + i);
    double sum = 0;
    for (std::size_t j = 0; j < row.size(); ++j) sum += (*coefficients)[j] * row[j];
    ahead[i] = scale * sum;
  }
  return is_finite(ahead);
}

}  // namespace weir::ts_forecast
