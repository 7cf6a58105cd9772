#include "butterworth.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace weir::edge_filter {

/// The sections by the bilinear transform of s² + 2 cos(θ) s + 1, and of s + 1 for an odd order. This form has no
/// difference of near numbers at low cut-offs.
Butterworth::Butterworth(int order, double cutoff) : padding_(3 * (static_cast<std::size_t>(order) + 1)) {
  const double k = std::tan(std::numbers::pi * cutoff / 2);
  if (order % 2 == 1) sections_.push_back({k / (1 + k), k / (1 + k), 0, (k - 1) / (k + 1), 0});
  // The poles nearest to the unit circle come last, as they do in scipy.
  for (int i = 1; i <= order / 2; ++i) {
    const double angle = std::numbers::pi * (2 * i - 1 + order % 2) / (2 * order);
    const double damping = 2 * std::cos(angle);
    const double whole = 1 + k * damping + k * k;
    const double b0 = k * k / whole;
    sections_.push_back({b0, 2 * b0, b0, 2 * (k * k - 1) / whole, (1 - k * damping + k * k) / whole});
  }
  memory_.resize(memory());
}

void Butterworth::settle(std::span<double> memory, double value) const {
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    memory[2 * i] = (1 - sections_[i].b0) * value;
    memory[2 * i + 1] = (sections_[i].b2 - sections_[i].a2) * value;
  }
}

double Butterworth::step(std::span<double> memory, double value) const {
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const Section& each = sections_[i];
    const double y = each.b0 * value + memory[2 * i];
    memory[2 * i] = each.b1 * value - each.a1 * y + memory[2 * i + 1];
    memory[2 * i + 1] = each.b2 * value - each.a2 * y;
    value = y;
  }
  return value;
}

/// Filters the series with its odd extension: turned around its first and its last value.
void Butterworth::run_forwards(std::span<const double> series) {
  extended_.clear();
  const double first = series.front();
  const double last = series.back();
  settle(memory_, 2 * first - series[padding_]);
  for (std::size_t i = padding_; i > 0; --i) extended_.push_back(step(memory_, 2 * first - series[i]));
  for (const double value : series) extended_.push_back(step(memory_, value));
  for (std::size_t i = 1; i <= padding_; ++i)
    extended_.push_back(step(memory_, 2 * last - series[series.size() - 1 - i]));
  settle(memory_, extended_.back());
}

double Butterworth::filtfilt_last(std::span<const double> series) {
  if (series.size() <= padding_) return std::numeric_limits<double>::quiet_NaN();
  run_forwards(series);
  double value = 0;
  for (std::size_t i = 0; i <= padding_; ++i) value = step(memory_, extended_[extended_.size() - 1 - i]);
  return value;
}

void Butterworth::filtfilt(std::span<const double> series, std::vector<double>& result) {
  result.assign(series.size(), std::numeric_limits<double>::quiet_NaN());
  if (series.size() <= padding_) return;
  run_forwards(series);
  for (std::size_t i = 0; i < padding_ + series.size(); ++i) {
    const double value = step(memory_, extended_[extended_.size() - 1 - i]);
    if (i >= padding_) result[series.size() - 1 - (i - padding_)] = value;
  }
}

}  // namespace weir::edge_filter
