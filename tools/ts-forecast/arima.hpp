// Seasonal ARIMA by exact maximum likelihood.
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "model.hpp"

namespace weir::ts_forecast {

/// The orders (p, d, q)(P, D, Q) of a model; the season is the shortest one of the series.
struct ArimaOrders {
  std::size_t p = 0, d = 0, q = 0;
  std::size_t seasonal_p = 0, seasonal_d = 0, seasonal_q = 0;

  /// `0,1,1` or `0,1,1,0,1,1`; throws std::invalid_argument for anything else.
  static ArimaOrders parse(const std::string& text);
};

/// ARIMA, with a mean where nothing is differenced (as R's arima() and statsmodels have by default). The likelihood is
/// that of the differenced series by the Kalman filter (Gardner, Harvey, Phillips, AS 154). Without orders they are
/// searched as Hyndman and Khandakar (2008) do: differences by tests, the rest by steps towards the least AICc. A
/// season of more than `most_season` steps is left out.
class Arima : public Model {
 public:
  static constexpr std::size_t most_season = 24;
  explicit Arima(std::optional<ArimaOrders> orders = {}) : orders_(orders) {}
  std::string_view name() const override { return "arima"; }
  std::size_t least(const Calendar& calendar) const override;
  Parameters fit(const Past& past) const override;
  bool forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const override;

  static double log_likelihood(const Past& past, const Parameters& parameters);

 private:
  std::optional<ArimaOrders> orders_;
};

}  // namespace weir::ts_forecast
