#include "tail_limit.hpp"

#include <algorithm>
#include <cmath>

namespace weir::anomaly_score {
namespace {

constexpr double first_quantile = 0.98;

/// The profile likelihood of theta = shape / scale, but for a constant.
struct Profile {
  const std::vector<double>& excesses;
  double mean;

  double shape(double theta) const {
    double sum = 0;
    for (const double each : excesses) sum += std::log1p(theta * each);
    return sum / static_cast<double>(excesses.size());
  }
  double operator()(double theta) const {
    if (std::fabs(theta) * mean < 1e-9) return -std::log(mean) - 1;
    const double each = shape(theta);
    return -std::log(each / theta) - 1 - each;
  }
};

}  // namespace

Tail fit_tail(const std::vector<double>& excesses) {
  if (excesses.empty()) return {};
  double mean = 0;
  double most = 0;
  for (const double each : excesses) mean += each, most = std::max(most, each);
  mean /= static_cast<double>(excesses.size());
  const Profile profile{excesses, mean};
  // Theta in units of 1 / mean on a grid, then by halving around the best. A shape below -0.5 is not believed.
  double best = 0;
  double at = profile(0);
  const double low = -0.999 / most;
  const auto consider = [&](double theta) {
    if (theta <= low) return;
    const double value = profile(theta);
    if (value <= at) return;
    if (std::fabs(theta) * mean >= 1e-9 && profile.shape(theta) < -0.5) return;
    at = value;
    best = theta;
  };
  for (const double each : {-2.0, -1.0, -0.5, -0.2, -0.1, -0.05, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0})
    consider(each / mean);
  for (double step = std::max(std::fabs(best), 0.05 / mean); step * mean > 1e-5; step /= 2) {
    const double center = best;
    consider(center - step);
    consider(center + step);
  }
  if (std::fabs(best) * mean < 1e-9) return {0, mean};
  const double shape = profile.shape(best);
  return {shape, shape / best};
}

void TailLimit::learn(double value, double rate) {
  ++count_;
  if (!ready_) {
    held_.push_back(value);
    if (held_.size() == first_values) begin(rate);
    return;
  }
  if (value <= base_) {
    if (count_ % 64 == 0) renew(rate);  // the share of peaks changes slowly
    return;
  }
  ++peaks_;
  if (held_.size() < most_peaks)
    held_.push_back(value - base_);
  else
    held_[next_] = value - base_, next_ = (next_ + 1) % most_peaks;
  refit(rate);
}

void TailLimit::begin(double rate) {
  std::vector<double> sorted = held_;
  std::sort(sorted.begin(), sorted.end());
  base_ = sorted[static_cast<std::size_t>(first_quantile * static_cast<double>(sorted.size()))];
  held_.clear();
  for (const double each : sorted)
    if (each > base_) held_.push_back(each - base_);
  peaks_ = held_.size();
  ready_ = true;
  refit(rate);
}

void TailLimit::refit(double rate) {
  tail_ = fit_tail(held_);
  renew(rate);
}

void TailLimit::renew(double rate) {
  const double share = rate * static_cast<double>(count_) / static_cast<double>(std::max<std::uint64_t>(peaks_, 1));
  limit_ = base_;
  if (share < 1 && tail_.scale > 0)
    limit_ += std::fabs(tail_.shape) < 1e-9 ? -tail_.scale * std::log(share)
                                           : tail_.scale / tail_.shape * (std::pow(share, -tail_.shape) - 1);
}

}  // namespace weir::anomaly_score
