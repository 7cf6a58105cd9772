#include "stats/principal_components.hpp"

#include <cmath>
#include <vector>

#include "catch.hpp"

using namespace weir;

namespace {

bool near(double a, double b, double most = 1e-12) { return std::fabs(a - b) < most; }

}  // namespace

TEST_CASE("the axes of a cross are its components") {
  const std::vector<double> rows{2, 2, -2, -2, 1, -1, -1, 1};
  PrincipalComponents components(rows, 2, 0.75);
  // XᵀX = [10 6; 6 10]: 16 along (1, 1) / √2, 4 along (1, −1) / √2, both over 3. The first has 0.8 of the variance.
  REQUIRE(components.count() == 1);
  CHECK(near(components.variances()[0], 16.0 / 3));
  REQUIRE(components.left().size() == 1);
  CHECK(near(components.left()[0], 4.0 / 3));
  const auto along = components.distance(std::vector<double>{3, 3});
  CHECK(near(along.t2, 18 / (16.0 / 3)));
  CHECK(near(along.q, 0));
  const auto across = components.distance(std::vector<double>{1, -3});
  CHECK(near(across.t2, 2 / (16.0 / 3)));  // (1 − 3) / √2, squared
  CHECK(near(across.q, 8));
  CHECK(near(across.q_expected, -1));
  CHECK(PrincipalComponents(rows, 2, 0.85).count() == 2);
}

TEST_CASE("components of constant rows are none, and all is left to Q") {
  PrincipalComponents components(std::vector<double>{0, 0, 0, 0, 0, 0}, 2, 0.9);
  CHECK(components.count() == 0);
  const auto distance = components.distance(std::vector<double>{3, 4});
  CHECK(distance.t2 == 0);
  CHECK(distance.q == 25);
  CHECK(distance.q_value == 1);
}

TEST_CASE("the limits of T2 and Q are those of scipy's distributions") {
  // scipy: 2 * (100**2 - 1) / (100 * 98) * f.ppf(0.99, 2, 98)
  CHECK(near(t2_limit(2, 100, 0.99), 9.853128787335944, 1e-9));
  // scipy: g, h = 0.13 / 0.5, 0.5**2 / 0.13; g * chi2.ppf(0.99, h)
  CHECK(near(q_limit(std::vector<double>{0.3, 0.2}, 0.99), 2.348633034620717, 1e-9));
  CHECK(q_limit(std::vector<double>{0, 0}, 0.99) == 0);
  CHECK(q_limit({}, 0.99) == 0);
}
