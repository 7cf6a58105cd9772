// The readings of a series on an even grid of time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/recent_points.hpp"
#include "time/time_types.hpp"
#include "time/zone.hpp"

namespace weir::ts_forecast {

/// The distance between the readings of a series.
struct Step {
  enum class Kind : std::uint8_t {
    even,    ///< a length of time
    month,   ///< a month of the calendar
    reading  ///< each reading is a step, whatever its time
  };
  Kind kind = Kind::even;
  Duration length{};  ///< of a month, and between readings, the usual one

  /// `15m`, `month`, `reading`; throws std::invalid_argument for anything else.
  static Step parse(const std::string& text);
  /// The median interval between readings; a month where that is 28 to 31 days. Nothing with fewer than two times.
  static std::optional<Step> infer(const RecentPoints& points);
};

/// A series without holes: the last of `values` is at `last`.
struct Grid {
  std::vector<double> values;
  Time last{};
  std::size_t readings = 0;  ///< that the values are made of
  std::size_t filled = 0;    ///< values that stand for steps without a reading

  /// The time so many steps after the last value; before it when negative.
  Time at(const Step& step, const Zone& zone, std::int64_t steps) const;
};

/// At most `limit` steps up to the last reading. Several readings in a step are their mean. A step without a reading
/// gets the mean of the same slots of the seasons before and after; without those, or of a short hole, what lies
/// between its neighbours. `season` is in steps, 0 without one.
Grid make_grid(const RecentPoints& points, const Step& step, const Zone& zone, std::size_t season, std::size_t limit);

}  // namespace weir::ts_forecast
