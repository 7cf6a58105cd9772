#include "stats/minimize.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "catch.hpp"

using weir::minimize;
using weir::Minimum;
using weir::Variable;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

double valley(std::span<const double> x) {  // Rosenbrock's
  return 100 * std::pow(x[1] - x[0] * x[0], 2) + std::pow(1 - x[0], 2);
}

}  // namespace

TEST_CASE("the floor of a bent valley") {
  const std::array<Variable, 2> free{{{-infinite, infinite}, {-infinite, infinite}}};
  const Minimum found = minimize(valley, {-1.2, 1}, free);
  CHECK(std::fabs(found.at[0] - 1) < 1e-5);
  CHECK(std::fabs(found.at[1] - 1) < 1e-5);
  CHECK(found.value < 1e-10);
}

TEST_CASE("a minimum at a limit") {
  const std::array<Variable, 2> limits{{{-2, 0.5}, {-2, 2}}};
  const Minimum found = minimize(valley, {-1.2, 1}, limits);
  CHECK(std::fabs(found.at[0] - 0.5) < 1e-12);
  CHECK(std::fabs(found.at[1] - 0.25) < 1e-6);
}

TEST_CASE("variables of different sizes, and values that are not finite") {
  const std::array<Variable, 2> variables{{{-infinite, infinite, 1e6}, {-infinite, infinite, 1e-3}}};
  const auto function = [](std::span<const double> x) {
    return x[1] < 0 ? infinite : std::pow(x[0] / 1e6 - 2, 2) + std::pow(x[1] * 1e3 - 3, 2);
  };
  const Minimum found = minimize(function, {0, 1e-3}, variables);
  CHECK(std::fabs(found.at[0] - 2e6) < 1);
  CHECK(std::fabs(found.at[1] - 3e-3) < 1e-9);
}
