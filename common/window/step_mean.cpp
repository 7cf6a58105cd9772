#include "window/step_mean.hpp"

#include <algorithm>
#include <limits>

#include "time/saturating.hpp"
#include "window/compensated_sum.hpp"

namespace weir {
namespace {

double length(Time from, Time to) { return static_cast<double>(saturating_distance(from, to).count()); }

}  // namespace

void StepMean::Bin::merge(const Bin& other) {
  if (other.last > last || (other.last == last && other.last_value > last_value)) {
    last = other.last;
    last_value = other.last_value;
  }
  first = std::min(first, other.first);
  CompensatedSum both{sum, lost};
  both.merge({other.sum, other.lost});
  sum = both.sum;
  lost = both.lost;
  count += other.count;
}

void StepMean::add(Time time, double x) {
  if (!exact()) return add_to_bins({time, time, x, x, 0, 1});
  const Point point{time, x};
  const bool is_last = points_.empty() || !(point < points_.back());
  points_.insert(is_last ? points_.end() : std::upper_bound(points_.begin(), points_.end(), point), point);
  if (points_.size() > exact_limit) leave_exact();
}

void StepMean::merge(const StepMean& other) {
  if (!other.exact()) {
    if (exact()) leave_exact();
    while (doublings_ < other.doublings_) coarsen();
    for (const Bin& bin : other.bins_) add_to_bins(bin);
    return;
  }
  if (!exact()) {
    for (const Point& point : other.points_) add(point.time, point.value);
    return;
  }
  const auto middle = static_cast<std::ptrdiff_t>(points_.size());
  points_.insert(points_.end(), other.points_.begin(), other.points_.end());
  if (middle > 0 && points_.begin() + middle != points_.end() &&
      points_[static_cast<std::size_t>(middle)] < points_[static_cast<std::size_t>(middle - 1)])
    std::inplace_merge(points_.begin(), points_.begin() + middle, points_.end());
  if (points_.size() > exact_limit) leave_exact();
}

void StepMean::leave_exact() {
  const std::vector<Point> points = std::move(points_);
  points_ = {};
  for (const Point& each : points) add_to_bins({each.time, each.time, each.value, each.value, 0, 1});
}

void StepMean::add_to_bins(const Bin& bin) {
  const std::int64_t place = place_of(bin.first);
  auto at = bins_.end();
  if (!bins_.empty() && place_of(bins_.back().first) >= place)
    at =
        std::partition_point(bins_.begin(), bins_.end(), [&](const Bin& each) { return place_of(each.first) < place; });
  if (at != bins_.end() && place_of(at->first) == place) return at->merge(bin);
  bins_.insert(at, bin);
  while (bins_.size() > exact_limit) coarsen();
}

/// Merges every two neighbouring bins.
void StepMean::coarsen() {
  ++doublings_;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    if (kept > 0 && place_of(bins_[kept - 1].first) == place_of(bins_[i].first)) {
      bins_[kept - 1].merge(bins_[i]);
    } else {
      bins_[kept++] = bins_[i];
    }
  }
  bins_.resize(kept);
}

std::optional<double> StepMean::last() const {
  if (points_.empty() && bins_.empty()) return std::nullopt;
  return exact() ? points_.back().value : bins_.back().last_value;
}

void StepMean::take_last(const StepMean& other) {
  const std::optional<double> value = other.last();
  if (!value) return;
  bins_.clear();
  points_.assign(1, {other.last_time(), *value});
  doublings_ = 0;
}

double StepMean::integral(const std::optional<Before>& before, Time until) const {
  const std::optional<double> last_value = last();
  if (!last_value) {
    if (!before) return std::numeric_limits<double>::quiet_NaN();
    return until > before->from ? before->value * length(before->from, until) : 0;
  }
  CompensatedSum area;
  if (before) area.add(before->value * length(before->from, first_time()));
  for (std::size_t i = 0; i + 1 < points_.size(); ++i)
    area.add(points_[i].value * length(points_[i].time, points_[i + 1].time));
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    const Bin& bin = bins_[i];
    // The last value does not count within the bin: for evenly spaced values this is exact.
    if (bin.last > bin.first)
      area.add((bin.sum - bin.last_value + bin.lost) / static_cast<double>(bin.count - 1) *
               length(bin.first, bin.last));
    if (i + 1 < bins_.size()) area.add(bin.last_value * length(bin.last, bins_[i + 1].first));
  }
  if (until > last_time()) area.add(*last_value * length(last_time(), until));
  return area.value();
}

double StepMean::mean(const std::optional<Before>& before, Time until) const {
  const std::optional<double> last_value = last();
  if (!last_value && !before) return std::numeric_limits<double>::quiet_NaN();
  const Time first = before ? before->from : first_time();
  const double whole = length(first, std::max(last_value ? last_time() : first, until));
  if (whole == 0) return last_value ? *last_value : before->value;
  return integral(before, until) / whole;
}

}  // namespace weir
