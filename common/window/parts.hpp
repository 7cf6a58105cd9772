// The running aggregates of which cells are made. Each adds values, and merges with another of its kind.
#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <string_view>

#include "record/token_order.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"
#include "window/cell.hpp"
#include "window/distinct.hpp"
#include "window/exact_sum.hpp"
#include "window/increase.hpp"
#include "window/number_token.hpp"
#include "window/quantiles.hpp"
#include "window/step_mean.hpp"
#include "window/token.hpp"

namespace weir {

/// A part of a cell at an offset.
template <typename T>
T& at(std::byte* cell, std::uint32_t offset) {
  return *std::launder(reinterpret_cast<T*>(cell + offset));
}
template <typename T>
const T& at(const std::byte* cell, std::uint32_t offset) {
  return *std::launder(reinterpret_cast<const T*>(cell + offset));
}

struct CountPart {
  std::uint64_t count = 0;

  void merge(const CountPart& other) { count += other.count; }
};

using SumPart = ExactSum<2>;

/// Variance, from the exact sums of the values and of their squares: nothing is lost to cancellation, and neither order
/// nor merging changes it.
struct MomentsPart {
  std::uint64_t count = 0;
  ExactSum<2> sum;
  ExactSum<3> squares;

  void add(double x) {
    ++count;
    sum.add(x);
    squares.add_square(x);
  }
  void merge(const MomentsPart& other) {
    count += other.count;
    sum.merge(other.sum);
    squares.merge(other.squares);
  }
  /// The variance of the sample (`less` is 1) or of the population (0): (n·Σx² − (Σx)²) / (n·(n − less)), of which the
  /// numerator is exact. NaN where a sum is beyond the range of a double.
  double variance(std::uint64_t less) const {
    const auto n = static_cast<double>(count);
    const SumParts of_squares = squares.any_parts();
    const SumParts sums = sum.any_parts();
    if (of_squares.beyond != 0 || sums.beyond != 0) return std::numeric_limits<double>::quiet_NaN();
    WideSum numerator;
    for (const double part : of_squares.doubles) numerator.add_product(n, part);
    for (const double a : sums.doubles)
      for (const double b : sums.doubles) numerator.add_product(-a, b);
    return numerator.rounded() / (n * static_cast<double>(count - less));
  }
  void state(StateArchive& archive) { archive.values(count, sum, squares); }
};

/// `Sign` is 1 for the greatest value and -1 for the least.
template <int Sign>
struct ExtremePart {
  static constexpr double none = -Sign * std::numeric_limits<double>::infinity();
  double value = none;  ///< no number of a record is infinite
  NumberToken token;

  void add(double x, std::string_view raw) {
    const bool worse = Sign > 0 ? x < value : x > value;
    if (!worse) take(x, raw);
  }
  void merge(const ExtremePart& other) {
    NumberToken::Buffer buffer;
    if (!other.token.empty()) add(other.value, other.token.view(buffer));
  }
  void state(StateArchive& archive) {
    double saved = token.empty() ? 0 : value;
    archive.values(saved, token);
    value = token.empty() ? none : saved;
  }

 private:
  [[gnu::noinline]] void take(double x, std::string_view raw) {
    if (x == value && (token.is(raw) || !is_better(raw))) return;
    value = x;
    token.assign(raw);
  }
  /// Whether another token of the same value comes in place of the one held.
  [[gnu::noinline]] bool is_better(std::string_view raw) const {
    NumberToken::Buffer buffer;
    return Sign * compare_number_tokens(raw, token.view(buffer)) > 0;
  }
};

/// `Sign` is 1 for the latest value and -1 for the earliest.
template <int Sign>
struct EdgePart {
  Time time{};
  Token token;

  void add(Time at, std::string_view raw) {
    if (!token.empty()) {
      const bool worse = Sign > 0 ? at < time : at > time;
      if (worse || (at == time && Sign * compare_tokens(raw, token.view()) <= 0)) return;
    }
    time = at;
    token.assign(raw);
  }
  void merge(const EdgePart& other) {
    if (!other.token.empty()) add(other.time, other.token.view());
  }
  void state(StateArchive& archive) { archive.values(time, token); }
};

/// A part too large for a cell; allocated with its first value.
template <typename Held>
struct HeldPart {
  std::unique_ptr<Held> held;

  Held& get() {
    if (!held) held = std::make_unique<Held>();
    return *held;
  }
  void merge(const HeldPart& other) {
    if (other.held) get().merge(*other.held);
  }
  void state(StateArchive& archive) { archive.value(held); }
};

using LeastPart = ExtremePart<-1>;
using GreatestPart = ExtremePart<1>;
using FirstPart = EdgePart<-1>;
using LastPart = EdgePart<1>;
using QuantilesPart = HeldPart<Quantiles>;
using DistinctPart = HeldPart<Distinct>;
using StepMeanPart = HeldPart<StepMean>;
using IncreasePart = HeldPart<Increase>;

}  // namespace weir
