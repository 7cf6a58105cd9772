// What a model of a series is given, and what it must do.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace weir::ts_forecast {

/// A cycle of the calendar: its length in steps, and the slot that each step of the past and ahead falls into.
struct Cycle {
  std::size_t length = 0;
  std::size_t waves = 0;            ///< as how many sines and cosines the additive model sees it
  std::vector<std::int32_t> slots;  ///< -1: none, as of a day that is not a holiday
};

/// The calendar of a series: its seasons in steps, shortest first, and its cycles, those of the seasons first.
struct Calendar {
  std::vector<std::size_t> seasons;
  std::vector<Cycle> cycles;
  std::vector<std::int32_t> holidays;  ///< the number of the holiday of each step, or -1; empty without holidays
  std::size_t holiday_names = 0;

  std::size_t shortest() const { return seasons.empty() ? 1 : seasons.front(); }
  std::size_t longest() const { return seasons.empty() ? 1 : seasons.back(); }
};

/// The values of a series on an even grid, oldest first and without holes. Step 0 of the calendar is the first value.
struct Past {
  std::span<const double> values;
  const Calendar& calendar;

  std::size_t size() const { return values.size(); }
  Past until(std::size_t size) const { return {values.first(size), calendar}; }
};

inline bool is_positive(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value > 0; });
}
inline bool is_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

/// What a model learns of a series by searching, and keeps between fits.
using Parameters = std::vector<double>;

/// A model of one series. It has no state of its own.
class Model {
 public:
  Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  virtual ~Model() = default;

  virtual std::string_view name() const = 0;
  /// The least number of values that it can be fitted to.
  virtual std::size_t least(const Calendar& calendar) const = 0;
  /// What takes a search; a model that is solved at once has none.
  virtual Parameters fit(const Past& past) const {
    static_cast<void>(past);
    return {};
  }
  /// Sets `ahead` to the next values. False where there is no finite forecast.
  virtual bool forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const = 0;
};

using Models = std::vector<std::unique_ptr<Model>>;

}  // namespace weir::ts_forecast
