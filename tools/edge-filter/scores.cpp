// How edge-filter smooths readings and scores them.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "edge_filter.hpp"

namespace weir::edge_filter {
namespace {

/// From this many standard deviations on a reading is an outlier, and its score is 1.
constexpr double outlier_distance = 3;
constexpr std::size_t quality_readings = 10;

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// The standard deviation of a population; 0 for equal values, of which rounding would leave a rest.
double sd_of(const std::vector<double>& values, double mean) {
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double sd = std::sqrt(squares / static_cast<double>(values.size()));
  return sd <= 1e-13 * std::abs(mean) ? 0 : sd;
}

}  // namespace

double EdgeFilter::Spread::distance(double value) const { return sd > 0 ? std::abs(value - mean) / sd : 0; }

EdgeFilter::Spread EdgeFilter::spread_before(const Series& series) {
  Spread spread;
  if (series.readings.size() < anomaly_readings) return spread;
  series.readings.copy_last(anomaly_readings, scratch_);
  spread.known = true;
  spread.mean = mean_of(scratch_);
  spread.sd = std::max(sd_of(scratch_, spread.mean), settings_.min_sd);
  return spread;
}

/// Adds a reading to the windows, and any outliers before it that it confirms. Returns false for an outlier that is not
/// confirmed yet.
bool EdgeFilter::accept(Series& series, double value, const Spread& spread) {
  if (spread.known && settings_.outlier_after > 1 && spread.distance(value) >= outlier_distance) {
    if (series.outliers.size() + 1 < settings_.outlier_after) {
      series.outliers.push_back(value);
      return false;
    }
    for (const double earlier : series.outliers) take(series, earlier);
  }
  series.outliers.clear();
  take(series, value);
  return true;
}

void EdgeFilter::take(Series& series, double value) {
  const Smoothing& smoothing = types_[series.type].smoothing;
  if (smoothing.method == Smoothing::Method::lowpass) {
    const Butterworth& filter = *filters_[series.type];
    if (series.memory.empty()) {
      series.memory.resize(filter.memory());
      filter.settle(series.memory, value);
    }
    series.filtered = filter.step(series.memory, value);
  }
  series.readings.push(value, limits_[series.type]);
}

EdgeFilter::Result EdgeFilter::process(Series& series, double value) {
  const Spread spread = spread_before(series);
  ++series.count;
  Result result;
  if (!accept(series, value, spread)) {
    ++outliers_;
    const bool as_it_came = types_[series.type].smoothing.method == Smoothing::Method::none;
    return {as_it_came ? value : series.smoothed, as_it_came, quality(series), 1};
  }
  result.value = series.smoothed = value;
  if (series.readings.size() < settings_.warm_up) return result;
  const double smoothed = smooth(series, value);
  result.as_it_came = types_[series.type].smoothing.method == Smoothing::Method::none || std::isnan(smoothed);
  if (!result.as_it_came) result.value = smoothed;
  series.smoothed = result.value;
  result.quality = quality(series);
  if (spread.known) result.anomaly = std::min(spread.distance(result.value) / outlier_distance, 1.0);
  return result;
}

/// The processed value; NaN while a filter has too few readings.
double EdgeFilter::smooth(Series& series, double value) {
  const Smoothing& smoothing = types_[series.type].smoothing;
  switch (smoothing.method) {
    case Smoothing::Method::none:
      return value;
    case Smoothing::Method::lowpass:
      return series.filtered;
    case Smoothing::Method::filtfilt:
      series.readings.copy_last(std::min<std::size_t>(series.readings.size(), settings_.buffer), scratch_);
      return filters_[series.type]->filtfilt_last(scratch_);
    case Smoothing::Method::mean:
    case Smoothing::Method::median:
      break;
  }
  series.readings.copy_last(std::min(series.readings.size(), smoothing.readings), scratch_);
  if (smoothing.method == Smoothing::Method::mean) return mean_of(scratch_);
  const auto middle = scratch_.begin() + static_cast<std::ptrdiff_t>(scratch_.size() / 2);
  std::nth_element(scratch_.begin(), middle, scratch_.end());
  if (scratch_.size() % 2 == 1) return *middle;
  return std::midpoint(*std::max_element(scratch_.begin(), middle), *middle);
}

double EdgeFilter::quality(const Series& series) {
  if (series.readings.size() < 5) return 1;
  series.readings.copy_last(std::min(series.readings.size(), quality_readings), scratch_);
  const double mean = mean_of(scratch_);
  const double variation = sd_of(scratch_, mean) / std::max(std::abs(mean), least_divisor);
  return std::max(0.1, 1 - std::min(variation / 2, 0.9));
}

}  // namespace weir::edge_filter
