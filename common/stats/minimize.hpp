// The least value of a smooth function of a few variables, within limits.
#pragma once
#include <functional>
#include <span>
#include <vector>

namespace weir {

/// A variable's limits, and a distance over which the function changes about as much as for the others.
struct Variable {
  double low;
  double high;
  double scale = 1;
};

struct Minimum {
  std::vector<double> at;
  double value = 0;
};

/// Searches from `start`, which is moved into the limits, by a projected quasi-Newton method (BFGS; Nocedal, Wright:
/// Numerical Optimization, chapters 6 and 16) with central differences. A value that is not finite is never accepted.
/// It finds a local minimum, and the same one on every run.
Minimum minimize(const std::function<double(std::span<const double>)>& function, std::vector<double> start,
                 std::span<const Variable> variables, int most_steps = 500);

}  // namespace weir
