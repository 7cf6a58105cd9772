#include "novelty.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace weir::anomaly_score {
namespace {

constexpr std::size_t lanes = 8;              ///< runs that are compared at once
constexpr double least_share_of_range = 0.002;  ///< the least usual distance
constexpr double most_times_usual = 4;        ///< what a distance counts in the mean
constexpr double widening = 0.1;              ///< of the range by one value

}  // namespace

/// The range of the values: an outlier widens it by a tenth only.
void Novelty::widen(const Plan& plan, double value) {
  if (seen_ == 0) low_ = high_ = value;
  if (seen_++ < 2 * plan.min_samples) {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
    return;
  }
  const double most = widening * (high_ - low_);
  if (value > high_) high_ += std::min(value - high_, most);
  if (value < low_) low_ -= std::min(low_ - value, most);
}

Novelty::Result Novelty::add(const Plan& plan, double value) {
  if (recent_.empty()) {
    origin_ = value;
    recent_.resize(2 * plan.window);
  }
  widen(plan, value);
  recent_[recent_at_] = static_cast<float>(value - origin_);
  recent_at_ = (recent_at_ + 1) % recent_.size();
  recent_size_ = std::min<std::uint64_t>(recent_size_ + 1, recent_.size());
  Result result;
  if (recent_size_ < plan.window) return result;
  const double floor = std::max(least_share_of_range * (high_ - low_), std::numeric_limits<double>::min());
  if (run_count_ == 0) return result;
  double last = 0;
  result.compared = true;
  result.known = seen_ > 2 * plan.min_samples;
  result.distance = nearest(plan, last);
  result.usual = std::max(mean_, floor);
  result.strength = result.distance / result.usual;
  result.expected = origin_ + last;
  return result;
}

void Novelty::learn(const Plan& plan, const Result& result) {
  if (result.compared) {
    const double counted = std::min(result.distance, most_times_usual * result.usual);
    mean_ += (counted - mean_) / static_cast<double>(++distances_);
  }
  if (recent_size_ == recent_.size()) remember(plan);
}

/// Holds the run that ended where the run of now begins; the oldest one goes.
void Novelty::remember(const Plan& plan) {
  const std::size_t block = next_run_ / lanes, lane = next_run_ % lanes;
  if (runs_.size() < (block + 1) * plan.window * lanes) runs_.resize((block + 1) * plan.window * lanes);
  for (std::size_t i = 0; i < plan.window; ++i)
    runs_[(block * plan.window + i) * lanes + lane] = recent(2 * plan.window - i);
  next_run_ = (next_run_ + 1) % plan.memory;
  run_count_ = std::min<std::uint64_t>(run_count_ + 1, plan.memory);
}

double Novelty::nearest(const Plan& plan, double& last) const {
  run_.resize(plan.window);
  for (std::size_t i = 0; i < plan.window; ++i) run_[i] = recent(plan.window - i);
  float best = std::numeric_limits<float>::max();
  std::size_t at = 0;
  const float per_value = 1 / static_cast<float>(plan.window);
  for (std::size_t first = 0; first < run_count_; first += lanes) {
    const float* block = runs_.data() + first * plan.window;
    std::array<float, lanes> sum{}, most{};
    for (std::size_t i = 0; i < plan.window; ++i) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const float difference = std::fabs(run_[i] - block[i * lanes + lane]);
        sum[lane] += difference;
        most[lane] = most[lane] > difference ? most[lane] : difference;
      }
    }
    for (std::size_t lane = 0; lane < lanes && first + lane < run_count_; ++lane) {
      const float distance = sum[lane] * per_value + most[lane];
      if (distance < best) best = distance, at = first + lane;
    }
  }
  last = runs_[(at / lanes * plan.window + plan.window - 1) * lanes + at % lanes];
  return static_cast<double>(best) / 2;
}

}  // namespace weir::anomaly_score
