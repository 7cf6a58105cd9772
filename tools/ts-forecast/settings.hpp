// The settings of ts-forecast.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/series_filter.hpp"

namespace weir::ts_forecast {

enum class Method : std::uint8_t {
  automatic,       ///< as combination
  seasonal_naive,  ///< each value as one shortest season before
  dummies,         ///< means of slots, and an autoregression of the rest
  ets,             ///< exponential smoothing by maximum likelihood
  arima,           ///< seasonal ARIMA by maximum likelihood
  theta,           ///< the Theta method
  additive,        ///< a line with bends, seasons as waves, holidays
  combination      ///< several models with several seasons, weighed by their errors in hold-outs
};

/// Which models see logarithms of the values, where all are positive.
enum class Logs : std::uint8_t {
  automatic,  ///< half of the combination; dummies; no other
  on,
  off
};

using weir::Readings;

struct Settings : SeriesSettings {
  Settings() { last = 2000; }

  Method method = Method::automatic;
  Logs logs = Logs::automatic;
  std::string ets = "auto";          ///< the form of the model, such as MAdM
  std::string arima = "auto";        ///< its orders, such as 0,1,1,0,1,1
  std::vector<std::string> seasons;  ///< lengths of time or numbers of steps; none: by the step
  std::string ahead = "24";          ///< a number of steps, or a length of time
  std::string step = "auto";
  double level = 95;  ///< per cent
  std::optional<Duration> every;
  std::optional<Duration> refit;  ///< none: 24 hours
  std::optional<double> min;
  std::optional<double> max;
  std::string holidays;                   ///< a file
  std::string holidays_text;              ///< what is in it
  std::optional<std::uint64_t> backtest;  ///< hold-outs of each series
};

}  // namespace weir::ts_forecast
