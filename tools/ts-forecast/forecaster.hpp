// One model or a weighted mean of several, with intervals from rolling origins.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model.hpp"
#include "state/archive.hpp"

namespace weir::ts_forecast {

/// What was learned of a series when its models were fitted.
struct Fit {
  std::vector<std::size_t> seasons;    ///< in steps
  std::vector<Parameters> parameters;  ///< of each model
  std::vector<double> weights;         ///< of each model; their sum is 1
  std::vector<double> spread;          ///< root mean square of the errors at each step ahead
  std::uint64_t origins = 0;           ///< how many hold-outs that is the mean of
  void state(StateArchive& archive) { archive.values(seasons, parameters, weights, spread, origins); }
};

/// Hold-outs of a series: how many steps each has, and how far before the end each begins.
struct HoldOuts {
  std::size_t steps = 0;
  std::vector<std::size_t> origins;  ///< values after each, the nearest first
  bool in_step = false;              ///< each step of a hold-out has the slot of the same step of the forecast
};

/// At most seven hold-outs, whole seasons before the end where the past has room for four of those. None of a past that
/// is not longer than `least`.
HoldOuts hold_outs(std::size_t size, const Calendar& calendar, std::size_t ahead, std::size_t least);

/// Fits models and weighs them: by 1 / error⁴, where the error is the mean absolute one over the hold-outs.
class Forecaster {
 public:
  explicit Forecaster(Models models) : models_(std::move(models)) {}

  /// The least number of values that all its models can be fitted to, one hold-out included.
  std::size_t least(const Calendar& calendar) const;
  /// Nothing where no model has a finite forecast.
  std::optional<Fit> fit(const Past& past, std::size_t ahead) const;
  /// The same, with the weights of an earlier fit. False where no model has a finite forecast.
  bool forecast(const Past& past, const Fit& fit, std::span<double> ahead) const;

 private:
  Models models_;
};

/// The factor of the spread for an interval of this probability: Student's t with a degree of freedom for each
/// hold-out.
double interval_factor(const Fit& fit, double probability);

}  // namespace weir::ts_forecast
