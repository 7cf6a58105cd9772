// The running aggregates of which cells are made. Each adds values, and merges with another of its kind.
#pragma once
#include <cmath>
#include <cstdint>
#include <memory>
#include <new>

#include "record/token_order.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"
#include "window/cell.hpp"
#include "window/distinct.hpp"
#include "window/increase.hpp"
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

/// A compensated sum (Neumaier 1974).
struct SumPart {
  double sum = 0;
  double lost = 0;  ///< the rounding error

  void add(double x) {
    const double next = sum + x;
    lost += std::abs(sum) >= std::abs(x) ? (sum - next) + x : (x - next) + sum;
    sum = next;
  }
  void merge(const SumPart& other) {
    add(other.sum);
    lost += other.lost;
  }
  double value() const { return sum + lost; }
};

/// Mean and variance (Welford 1962), merged as in T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a
/// pairwise algorithm for computing sample variances" (1979).
///
/// Values are taken as distances from the first one, so the variance of a meter at 10^9 has as many correct digits as
/// that of a meter at 0. Welford's error grows with mean / deviation, which is then at most the root of the count (T.
/// F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance", The American Statistician 37
/// (1983), on shifted data).
struct MomentsPart {
  std::uint64_t count = 0;
  double base = 0;     ///< the first value
  double mean = 0;     ///< of the distances from the first value
  double squares = 0;  ///< of the distances from the mean

  void add(double x) {
    if (count == 0) base = x;
    ++count;
    const double distance = x - base;
    const double before = distance - mean;
    mean += before / static_cast<double>(count);
    squares += before * (distance - mean);
  }
  void merge(const MomentsPart& other) {
    if (other.count == 0) return;
    if (count == 0) {
      *this = other;
      return;
    }
    const auto n = static_cast<double>(count);
    const auto m = static_cast<double>(other.count);
    const double apart = (other.base - base) + (other.mean - mean);
    mean += apart * m / (n + m);
    squares += other.squares + apart * apart * n * m / (n + m);
    count += other.count;
  }
  /// The variance of the sample (`less` is 1) or of the population (0).
  double variance(std::uint64_t less) const { return squares / static_cast<double>(count - less); }
};

/// `Sign` is 1 for the greatest value and -1 for the least.
template <int Sign>
struct ExtremePart {
  double value = 0;
  Token token;

  void add(double x, std::string_view raw) {
    if (!token.empty()) {
      const bool worse = Sign > 0 ? x < value : x > value;
      if (worse) return;
      if (x == value) {
        const std::string_view held = token.view();
        if (held == raw || Sign * compare_number_tokens(raw, held) <= 0) return;
      }
    }
    value = x;
    token.assign(raw);
  }
  void merge(const ExtremePart& other) {
    if (!other.token.empty()) add(other.value, other.token.view());
  }
  void state(StateArchive& archive) { archive.values(value, token); }
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
