// A sum that hardly depends on the order of its numbers.
#pragma once
#include <cmath>

namespace weir {

/// A compensated sum (Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen").
struct CompensatedSum {
  double sum = 0;
  double lost = 0;  ///< the rounding error

  void add(double x) {
    const double next = sum + x;
    lost += std::abs(sum) >= std::abs(x) ? (sum - next) + x : (x - next) + sum;
    sum = next;
  }
  void merge(const CompensatedSum& other) {
    add(other.sum);
    lost += other.lost;
  }
  double value() const { return sum + lost; }
};

}  // namespace weir
