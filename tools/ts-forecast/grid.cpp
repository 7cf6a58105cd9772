#include "grid.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "time/duration.hpp"
#include "time/saturating.hpp"
#include "time/time_of_day.hpp"

namespace weir::ts_forecast {
namespace {

constexpr double hole = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t short_hole = 3;  ///< steps that are interpolated, season or not

std::int64_t month_of(Time time, const Zone& zone) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(zone.to_local(time)));
  return static_cast<int>(date.year()) * std::int64_t{12} + static_cast<unsigned>(date.month()) - 1;
}

/// How many steps a reading lies before the last one.
std::int64_t steps_before(const Step& step, const Zone& zone, Time last, Time time, std::size_t readings_before) {
  switch (step.kind) {
    case Step::Kind::even:
      return std::llround(static_cast<double>(saturating_distance(time, last).count()) /
                          static_cast<double>(step.length.count()));
    case Step::Kind::month:
      return month_of(last, zone) - month_of(time, zone);
    case Step::Kind::reading:
      break;
  }
  return static_cast<std::int64_t>(readings_before);
}

/// Fills the hole from `from` to before `to`; the values about it are known.
void fill(std::vector<double>& values, const std::vector<bool>& known, std::size_t from, std::size_t to,
          std::size_t season) {
  const double before = values[from - 1];
  const double after = values[to];
  for (std::size_t i = from; i < to; ++i) {
    const double share = static_cast<double>(i - from + 1) / static_cast<double>(to - from + 1);
    double value = before + share * (after - before);
    if (season > 1 && to - from > short_hole) {
      double sum = 0;
      double weight = 0;
      if (i >= season) sum += values[i - season], ++weight;  // a hole before it has been filled already
      if (i + season < values.size() && known[i + season]) sum += values[i + season], ++weight;
      if (weight > 0) value = sum / weight;
    }
    values[i] = value;
  }
}

}  // namespace

Step Step::parse(const std::string& text) {
  if (text == "month") return {Kind::month, std::chrono::hours(730)};
  if (text == "reading") return {Kind::reading, {}};
  const auto length = parse_duration(text);
  if (!length || *length <= Duration::zero())
    throw std::invalid_argument("--step: '" + text + "' is none of auto, month, reading, and a duration such as 15m");
  return {Kind::even, *length};
}

std::optional<Step> Step::infer(const RecentPoints& points) {
  std::vector<Duration> intervals;
  for (std::size_t i = 1; i < points.size(); ++i)
    if (const Duration passed = saturating_distance(*points[i - 1].time, *points[i].time); passed > Duration::zero())
      intervals.push_back(passed);
  if (intervals.empty()) return std::nullopt;
  const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>((intervals.size() - 1) / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  const bool month = *middle >= std::chrono::days(28) && *middle <= std::chrono::days(31);
  return Step{month ? Kind::month : Kind::even, *middle};
}

Time Grid::at(const Step& step, const Zone& zone, std::int64_t steps) const {
  if (step.kind != Step::Kind::month) {
    const Duration length = saturating_multiply(step.length, std::abs(steps));
    return steps < 0 ? saturating_subtract(last, length) : saturating_add(last, length);
  }
  const LocalTime local = zone.to_local(last);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  std::chrono::year_month_day date(day);
  date += std::chrono::months(steps);
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return zone.to_utc(std::chrono::local_days(date) + time_of_day(local));
}

Grid make_grid(const RecentPoints& points, const Step& step, const Zone& zone, std::size_t season, std::size_t limit) {
  Grid grid;
  if (points.size() == 0) return grid;
  grid.last = *points.latest().time;
  std::vector<double> sums;  // newest first
  std::vector<std::uint32_t> counts;
  for (std::size_t back = 0; back < points.size(); ++back) {
    const Point& point = points[points.size() - 1 - back];
    const std::int64_t steps = steps_before(step, zone, grid.last, *point.time, back);
    if (steps < 0 || static_cast<std::uint64_t>(steps) >= limit) break;
    const auto at = static_cast<std::size_t>(steps);
    if (at >= sums.size()) sums.resize(at + 1, 0), counts.resize(at + 1, 0);
    sums[at] += point.value;
    ++counts[at];
    ++grid.readings;
  }
  grid.values.assign(sums.size(), hole);
  std::vector<bool> known(sums.size(), false);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::size_t back = sums.size() - 1 - i;
    if (counts[back] == 0) continue;
    grid.values[i] = sums[back] / counts[back];
    known[i] = true;
  }
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i]) continue;
    std::size_t end = i;
    while (!known[end]) ++end;  // the last one is known
    fill(grid.values, known, i, end, season);
    grid.filled += end - i;
    i = end;
  }
  return grid;
}

}  // namespace weir::ts_forecast
