// Sums over the records of a match.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "expr/result.hpp"
#include "reference.hpp"

namespace weir::cep_match {

/// Count, sum, least and greatest of numbers. The sum is compensated (A. Neumaier, 1974).
struct Accumulator {
  std::uint64_t count = 0;
  double sum = 0;
  double error = 0;
  double least = 0;
  double greatest = 0;

  /// Adds what `aggregate` needs; a value that is not a number counts for `count` alone, and an unknown one not at all.
  void add(Aggregate aggregate, const expr::Result& value) {
    if (value.type == expr::Type::null || value.failed()) return;
    if (aggregate != Aggregate::count && value.type != expr::Type::number) return;
    const double number = value.number;
    if (aggregate == Aggregate::min) least = count == 0 ? number : std::min(least, number);
    if (aggregate == Aggregate::max) greatest = count == 0 ? number : std::max(greatest, number);
    if (aggregate == Aggregate::sum || aggregate == Aggregate::avg) {
      const double now = sum + number;
      error += std::abs(sum) >= std::abs(number) ? (sum - now) + number : (number - now) + sum;
      sum = now;
    }
    // Least and greatest need to know only whether there is a value: chains stay alike.
    if (aggregate == Aggregate::min || aggregate == Aggregate::max)
      count = 1;
    else
      ++count;
  }

  /// The result; unknown without a value, except for count.
  expr::Result value(Aggregate aggregate) const {
    if (aggregate == Aggregate::count) return expr::Result::of(static_cast<double>(count));
    if (count == 0) return {};
    switch (aggregate) {
      case Aggregate::sum:
        return expr::Result::of(sum + error);
      case Aggregate::avg:
        return expr::Result::of((sum + error) / static_cast<double>(count));
      case Aggregate::min:
        return expr::Result::of(least);
      default:
        return expr::Result::of(greatest);
    }
  }
};

}  // namespace weir::cep_match
