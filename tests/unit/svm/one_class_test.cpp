#include "svm/one_class.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "catch.hpp"

using weir::svm::OneClass;

TEST_CASE("the density is the sum of the weighted Gaussians") {
  const OneClass machine({2, 0.5}, {0, 0, 3, 4}, 2, 0.1, 1);
  CHECK(std::fabs(machine.density(std::vector<double>{0, 0}) - (2 + 0.5 * std::exp(-2.5))) < 1e-15);
  CHECK(std::fabs(machine.density(std::vector<double>{3, 0}) - (2 * std::exp(-0.9) + 0.5 * std::exp(-1.6))) < 1e-15);
}

TEST_CASE("two rows have the same weight, and the edge goes through both") {
  OneClass::Training training;
  training.nu = 0.75;
  training.gamma = 0.5;
  training.tolerance = 1e-9;
  const OneClass machine(std::vector<double>{0, 2}, 1, training);
  REQUIRE(machine.weights().size() == 2);
  CHECK(std::fabs(machine.weights()[0] - 0.75) < 1e-6);
  CHECK(machine.vectors() == std::vector<double>{0, 2});
  CHECK(std::fabs(machine.rho() - 0.75 * (1 + std::exp(-2.0))) < 1e-6);
  CHECK(std::fabs(machine.density(std::vector<double>{0}) - machine.rho()) < 1e-6);
}

TEST_CASE("nu bounds the share of rows outside from above, and that of support vectors from below") {
  std::vector<double> rows;
  for (int i = 0; i < 500; ++i) rows.push_back(std::sin(i * 1.7) * std::fmod(i * 0.618, 1.0));
  OneClass::Training training;
  training.nu = 0.1;
  training.gamma = 20;
  training.tolerance = 1e-6;
  const OneClass machine(rows, 1, training);
  int outside = 0;
  double weights = 0;
  for (const double each : rows) outside += machine.density(std::vector<double>{each}) < machine.rho() - 1e-5 ? 1 : 0;
  for (const double weight : machine.weights()) weights += weight;
  CHECK(outside <= 50);
  CHECK(machine.weights().size() >= 50);
  CHECK(std::fabs(weights - 50) < 1e-6);  // nu × rows
}

TEST_CASE("parts that make no machine are refused") {
  const auto made = [](std::vector<double> weights, std::vector<double> vectors, double gamma, double rho) {
    return OneClass(std::move(weights), std::move(vectors), 2, gamma, rho);
  };
  CHECK_NOTHROW(made({1}, {0, 0}, 1, 1));
  CHECK_THROWS_AS(made({}, {}, 1, 1), std::invalid_argument);
  CHECK_THROWS_AS(made({1}, {0}, 1, 1), std::invalid_argument);
  CHECK_THROWS_AS(made({-1}, {0, 0}, 1, 1), std::invalid_argument);
  CHECK_THROWS_AS(made({1}, {0, 0}, 0, 1), std::invalid_argument);
  CHECK_THROWS_AS(made({1}, {0, 0}, 1, std::numeric_limits<double>::infinity()), std::invalid_argument);
  OneClass::Training training;
  for (const double nu : std::vector<double>{0, 1}) {
    training.nu = nu;
    CHECK_THROWS_AS(OneClass(std::vector<double>{1}, 1, training), std::invalid_argument);
  }
}
