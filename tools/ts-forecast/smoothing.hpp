// Exponential smoothing: the state space models of Hyndman, Koehler, Ord and Snyder (2008), and the Theta method.
#pragma once
#include <optional>
#include <string>

#include "model.hpp"

namespace weir::ts_forecast {

/// The form of an ETS model: error A or M, trend N or A, damped or not, season N, A or M.
struct EtsForm {
  char error = 'A';
  char trend = 'N';
  bool damped = false;
  char season = 'N';

  /// `ANN`, `MAdM`; throws std::invalid_argument for what is not a form that can be used.
  static EtsForm parse(const std::string& text);
  bool operator==(const EtsForm&) const = default;
};

/// ETS by maximum likelihood, initial states included. Without a form that of the least AICc is taken, among those that
/// R's ets() tries. A season of more than `most_season` steps is left out.
class Ets : public Model {
 public:
  static constexpr std::size_t most_season = 24;
  explicit Ets(std::optional<EtsForm> form = {}) : form_(form) {}
  std::string_view name() const override { return "ets"; }
  std::size_t least(const Calendar& calendar) const override;
  Parameters fit(const Past& past) const override;
  bool forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const override;

  /// The log-likelihood of a fit, as statsmodels and R's ets() less a constant define it.
  static double log_likelihood(const Past& past, const Parameters& parameters);

 private:
  std::optional<EtsForm> form_;
};

/// The Theta method with θ = 2 (Assimakopoulos, Nikolopoulos 2000; Hyndman, Billah 2003), of a series whose shortest
/// season has been taken out where a test finds it.
class Theta : public Model {
 public:
  std::string_view name() const override { return "theta"; }
  std::size_t least(const Calendar&) const override { return 5; }
  Parameters fit(const Past& past) const override;
  bool forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const override;
};

}  // namespace weir::ts_forecast
