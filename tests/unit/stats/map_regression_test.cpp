#include "stats/map_regression.hpp"

#include <cmath>

#include "catch.hpp"

using weir::fit_map;
using weir::NormalEquations;
using weir::Prior;

TEST_CASE("normal equations with weights and a ridge") {
  NormalEquations equations(2);
  const double first[] = {1, 0};
  const double second[] = {1, 2};
  equations.add(first, 3, 2);
  equations.add(second, 7);
  // Two points, two coefficients: both are met without a ridge.
  const auto exact = equations.solve(0.0);
  REQUIRE(exact.has_value());
  CHECK(std::fabs((*exact)[0] - 3) < 1e-12);
  CHECK(std::fabs((*exact)[1] - 2) < 1e-12);
  // XᵀWX = [3 2; 2 4], XᵀWy = [13; 14]; with a ridge of 1: [4 2; 2 5], whose solution is (37, 30) / 16.
  const auto pulled = equations.solve(1.0);
  REQUIRE(pulled.has_value());
  CHECK(std::fabs((*pulled)[0] - 37.0 / 16) < 1e-12);
  CHECK(std::fabs((*pulled)[1] - 30.0 / 16) < 1e-12);
  CHECK(equations.mean_square() == 3.5);
}

TEST_CASE("a Laplace prior makes a coefficient exactly 0, a wide one leaves it") {
  NormalEquations equations(2);
  for (int i = 0; i < 200; ++i) {
    const double x = i % 10 - 4.5;
    const double noise = (i * 7919 % 13 - 6) / 10.0;
    const double row[] = {1, x};
    equations.add(row, 2 + 0.001 * x + noise);
  }
  const Prior wide{Prior::Kind::normal, 10};
  const auto narrow = fit_map(equations, std::vector<Prior>{wide, {Prior::Kind::laplace, 0.001}}, 0.5);
  REQUIRE(narrow.has_value());
  CHECK((*narrow)[1] == 0);
  CHECK(std::fabs((*narrow)[0] - 2) < 0.1);
  const auto free = fit_map(equations, std::vector<Prior>{wide, {Prior::Kind::laplace, 1000}}, 0.5);
  const auto plain = equations.solve(0.0);
  REQUIRE(free.has_value());
  CHECK(std::fabs((*free)[1] - (*plain)[1]) < 1e-5);
}
