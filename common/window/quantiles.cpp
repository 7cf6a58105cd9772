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

/// Whether a number is whole, and small enough that all others near it are doubles.
bool is_whole(double x) { return std::trunc(x) == x && std::abs(x) < 0x1p53; }

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
  x += 0.0;  // -0 becomes 0: the two compare equal, so the order would tell which is found
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

std::vector<double> Quantiles::Bins::list() const {
  if (counts.empty()) return {};
  std::vector<double> list{static_cast<double>(first)};
  for (const std::uint64_t count : counts) list.push_back(static_cast<double>(count));
  return list;
}

/// Takes a list into empty bins. Returns the sum of the counts, or nothing where it is no list of bins.
std::optional<std::uint64_t> Quantiles::Bins::take(const std::vector<double>& list) {
  std::uint64_t sum = 0;
  if (list.empty()) return sum;
  if (!is_whole(list[0]) || list[0] < bin_of(std::numeric_limits<double>::denorm_min()) ||
      list[0] + static_cast<double>(list.size()) > bin_of(std::numeric_limits<double>::max()) + 2)
    return std::nullopt;
  first = static_cast<std::int32_t>(list[0]);
  for (auto each = list.begin() + 1; each != list.end(); ++each) {
    if (!is_whole(*each) || *each < 0) return std::nullopt;
    counts.push_back(static_cast<std::uint64_t>(*each));
    sum += counts.back();
  }
  return sum;
}

Quantiles::Sketch Quantiles::sketch() const {
  Sketch sketch;
  if (exact()) {
    sketch.values = values_;
    std::sort(sketch.values.begin(), sketch.values.end());
    return sketch;
  }
  sketch.count = static_cast<double>(count_);
  sketch.zeros = static_cast<double>(zeros_);
  sketch.least = least_;
  sketch.greatest = greatest_;
  sketch.positive = positive_.list();
  sketch.negative = negative_.list();
  return sketch;
}

bool Quantiles::merge(const Sketch& sketch) {
  if (sketch.count == 0) {
    if (sketch.values.size() > exact_limit) return false;
    for (const double x : sketch.values) add(x);
    return true;
  }
  Quantiles other;
  const auto positive = other.positive_.take(sketch.positive);
  const auto negative = other.negative_.take(sketch.negative);
  if (!positive || !negative || !is_whole(sketch.zeros) || sketch.zeros < 0 || !is_whole(sketch.count) ||
      sketch.count <= exact_limit || !(sketch.least <= sketch.greatest) || !sketch.values.empty())
    return false;
  other.count_ = static_cast<std::uint64_t>(sketch.count);
  other.zeros_ = static_cast<std::uint64_t>(sketch.zeros);
  other.least_ = sketch.least;
  other.greatest_ = sketch.greatest;
  if (*positive + *negative + other.zeros_ != other.count_) return false;
  merge(other);
  return true;
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
