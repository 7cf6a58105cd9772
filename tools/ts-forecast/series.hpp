// One series: its last readings, what was learned of them, and what they forecast.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "forecaster.hpp"
#include "grid.hpp"
#include "plan.hpp"
#include "record/recent_points.hpp"
#include "state/archive.hpp"

namespace weir::ts_forecast {

/// Values of the next steps, each with an interval, which begins and ends at the value where none is known.
struct Forecast {
  Step step;
  Grid past;
  std::vector<double> values;
  std::vector<double> half_widths;
};

/// Measures of forecasts over hold-outs: M4's definitions. NaN where the past does not change.
struct Measures {
  std::size_t origins = 0;
  double smape = 0;     ///< per cent, of 200
  double mase = 0;      ///< in units of the mean change over a shortest season
  double msis = 0;      ///< in the same units
  double coverage = 0;  ///< the share of values inside their intervals
};

/// A series of one key and field.
class Series {
 public:
  explicit Series(std::size_t limit = 0) : points_(limit) {}
  void set_limit(std::size_t limit) { points_.set_limit(limit); }

  /// Returns false when the reading is older than all that are kept.
  bool add(Time time, double value) { return points_.add({time, value}); }
  std::size_t readings() const { return points_.size(); }
  /// Whether a reading of this time is earlier than one before it.
  bool is_late(Time time) const { return points_.size() > 0 && time < *points_.latest().time; }
  /// Whether a reading of this time begins a new period of this length; true for the first one.
  bool begins_period(Time time, Duration every);

  /// A forecast by what was last learned; that is learned again first, where it is older than `refit`. Nothing, and
  /// `reason`, where there is no forecast.
  std::optional<Forecast> forecast(Plan& plan, Duration refit, std::size_t limit, std::string& reason);
  /// Forecasts at `count` origins, as far apart as forecasts go, each of the readings before it alone.
  std::optional<Measures> backtest(Plan& plan, std::size_t count, std::size_t limit, std::string& reason) const;

  bool has_forecast() const { return forecasts_ > 0; }
  /// Of a series that is forecast in the stream: counts a late reading, and keeps why there was no forecast.
  void note_late() { ++late_; }
  void note_without(std::string reason) { without_ = std::move(reason); }
  /// Why such a series has had none.
  std::string reason_without() const;
  void state(StateArchive& archive);

 private:
  std::optional<Step> step_of(const Plan& plan, std::string& reason) const;
  bool is_usable(const Grid& grid, std::string& reason) const;

  RecentPoints points_;
  std::int64_t period_ = 0;  ///< of `begins_period`; 0 before the first reading
  std::uint64_t forecasts_ = 0;
  std::uint64_t late_ = 0;
  std::string without_;
  std::optional<Fit> fit_;
  Step step_;      ///< of the fit
  Time fitted_{};  ///< the last reading at that time
};

}  // namespace weir::ts_forecast
