#include "window/quantiles.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir {
namespace {

const double gamma_of_bins = (1 + Quantiles::relative_error) / (1 - Quantiles::relative_error);
const double log_gamma = std::log(gamma_of_bins);

/// The bin of a positive number: gamma^(bin - 1) < x <= gamma^bin.
std::int32_t bin_of(double x) { return static_cast<std::int32_t>(std::ceil(std::log(x) / log_gamma)); }

/// The number with the same relative distance to both ends of a bin.
double middle_of(std::int32_t bin) { return 2 * std::exp(bin * log_gamma) / (gamma_of_bins + 1); }

}  // namespace

void Quantiles::Bins::add(std::int32_t bin, std::uint64_t times) {
  if (counts.empty()) first = bin;
  if (bin < first) {
    counts.insert(counts.begin(), static_cast<std::size_t>(first - bin), 0);
    first = bin;
  }
  const auto at = static_cast<std::size_t>(bin - first);
  if (at >= counts.size()) counts.resize(at + 1);
  counts[at] += times;
}

void Quantiles::Bins::merge(const Bins& other) {
  for (std::size_t i = 0; i < other.counts.size(); ++i)
    if (other.counts[i] > 0) add(other.first + static_cast<std::int32_t>(i), other.counts[i]);
}

void Quantiles::add_to_bins(double x) {
  if (x > 0) {
    positive_.add(bin_of(x), 1);
  } else if (x < 0) {
    negative_.add(bin_of(-x), 1);
  } else {
    ++zeros_;
  }
}

void Quantiles::leave_exact() {
  for (const double x : values_) add_to_bins(x);
  values_ = {};
}

void Quantiles::add(double x) {
  least_ = count_ == 0 ? x : std::min(least_, x);
  greatest_ = count_ == 0 ? x : std::max(greatest_, x);
  if (count_ == exact_limit) leave_exact();
  if (++count_ > exact_limit) return add_to_bins(x);
  sorted_ = sorted_ && (values_.empty() || values_.back() <= x);
  values_.push_back(x);
}

void Quantiles::merge(const Quantiles& other) {
  if (other.exact()) {
    for (const double x : other.values_) add(x);
    return;
  }
  if (exact()) leave_exact();
  least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
  greatest_ = count_ == 0 ? other.greatest_ : std::max(greatest_, other.greatest_);
  count_ += other.count_;
  zeros_ += other.zeros_;
  positive_.merge(other.positive_);
  negative_.merge(other.negative_);
}

/// The number at a rank; 0 is the least.
double Quantiles::ranked(std::uint64_t rank) const {
  if (exact()) return values_[static_cast<std::size_t>(rank)];
  if (rank == 0) return least_;
  if (rank == count_ - 1) return greatest_;
  std::uint64_t passed = 0;
  for (std::size_t i = negative_.counts.size(); i-- > 0;) {
    passed += negative_.counts[i];
    if (rank < passed) return std::max(least_, -middle_of(negative_.first + static_cast<std::int32_t>(i)));
  }
  passed += zeros_;
  if (rank < passed) return 0;
  for (std::size_t i = 0; i < positive_.counts.size(); ++i) {
    passed += positive_.counts[i];
    if (rank < passed) return std::clamp(middle_of(positive_.first + static_cast<std::int32_t>(i)), least_, greatest_);
  }
  return greatest_;
}

double Quantiles::at(double quantile) const {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  if (!sorted_) std::sort(values_.begin(), values_.end());
  sorted_ = true;
  const double place = quantile * static_cast<double>(count_ - 1);
  const auto below = static_cast<std::uint64_t>(place);
  const double share = place - static_cast<double>(below);
  const double low = ranked(below);
  if (share == 0) return low;
  const double high = ranked(below + 1);
  return low + share * (high - low);
}

}  // namespace weir
