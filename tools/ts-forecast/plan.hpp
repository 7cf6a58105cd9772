// What the options of ts-forecast mean.
#pragma once
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arima.hpp"
#include "forecaster.hpp"
#include "grid.hpp"
#include "settings.hpp"
#include "smoothing.hpp"

namespace weir::ts_forecast {

/// Days with effects of their own, in the order of their dates.
struct Holiday {
  std::chrono::local_days day;
  std::int32_t name = 0;  ///< a number of the name, from 0
};

/// The options, checked and parsed.
struct Plan {
  /// Throws std::invalid_argument when an option cannot be used.
  explicit Plan(const Settings& settings);

  /// How many steps ahead forecasts go. Where --ahead is more steps than are forecast, nothing, and `reason` says so.
  std::optional<std::size_t> steps_ahead(const Step& step, std::string& reason) const;
  /// The seasons in steps, shortest first, whether or not the series is long enough for them.
  std::vector<std::size_t> seasons_of(const Step& step);
  /// Why a season of --season is not used with the steps that seasons_of() has been given; empty: all are.
  const std::string& unused_season() const { return unused_season_; }
  /// Those that a series of `size` values has at least twice beside a hold-out of the forecast's length.
  static std::vector<std::size_t> usable(const std::vector<std::size_t>& seasons, std::size_t size, std::size_t ahead);
  /// The calendar of a series' past and of `ahead` steps.
  Calendar calendar(const Grid& grid, const Step& step, std::vector<std::size_t> seasons, std::size_t ahead) const;
  /// The models of a series with so many seasons; they are made once.
  const Forecaster& forecaster(std::size_t seasons);
  const char* model_name() const;
  /// A value within --min and --max.
  double bounded(double value) const { return value < low ? low : value > high ? high : value; }

  Method method;
  std::optional<EtsForm> ets;
  std::optional<ArimaOrders> arima;
  Logs logs;
  std::optional<Step> step;
  std::optional<std::size_t> ahead_steps;
  Duration ahead_length{};
  struct Season {
    Duration length{};
    std::size_t steps = 0;  ///< 0: a length of time
    std::string text;       ///< as written
  };
  std::optional<std::vector<Season>> seasons;
  double probability;
  Duration refit;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  Zone zone;
  std::vector<Holiday> holidays;
  std::size_t holiday_names = 0;

 private:
  void check_effects(const Settings& settings) const;
  void read_holidays(const std::string& text);
  Models make_models(std::size_t seasons_count) const;
  /// What a model sees where --log is `auto`.
  enum class Usually : std::uint8_t { values, logarithms };
  std::unique_ptr<Model> with_logs(std::unique_ptr<Model> model, Usually usually) const;
  std::string unused_season_;
  std::vector<std::unique_ptr<Forecaster>> forecasters_;  ///< by the number of seasons
};

}  // namespace weir::ts_forecast
