#include "stats/polynomial_fit.hpp"

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "stats/student_t.hpp"

using weir::PolynomialFitter;

namespace {

struct Points {
  std::vector<double> x;
  std::vector<double> y;
};

// Statistical Reference Datasets of NIST (itl.nist.gov/div898/strd), linear regression, with their certified values.
const Points norris{{0.2, 337.4, 118.2, 884.6, 10.1,  226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4,
                     0.6, 775.5, 666.9, 338.0, 447.5, 11.6,  556.0, 228.1, 995.8, 887.6, 120.2, 0.3,
                     0.3, 556.8, 339.1, 887.2, 999.0, 779.0, 11.1,  118.3, 229.2, 669.1, 448.9, 0.5},
                    {0.1, 338.8, 118.1, 888.0, 9.2,   228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3,
                     0.1, 778.1, 668.8, 339.3, 448.9, 10.8,  557.7, 228.3, 998.0, 888.8, 119.6, 0.3,
                     0.6, 557.6, 339.3, 888.0, 998.5, 778.9, 10.2,  117.6, 228.9, 668.4, 449.2, 0.2}};

Points pontius() {
  Points points;
  points.y = {.11019,  .21956,  .32949,  .43899,  .54803,  .65694,  .76562,  .87487,  .98292,  1.09146,
              1.20001, 1.30822, 1.41599, 1.52399, 1.63194, 1.73947, 1.84646, 1.95392, 2.06128, 2.16844,
              .11052,  .22018,  .32939,  .43886,  .54798,  .65739,  .76596,  .87474,  .98300,  1.09150,
              1.20004, 1.30818, 1.41613, 1.52408, 1.63159, 1.73965, 1.84696, 1.95445, 2.06177, 2.16829};
  for (int i = 0; i < 40; ++i) points.x.push_back(150000.0 * (i % 20 + 1));
  return points;
}

/// Wampler 1 and 2: x = 0 … 20, y an exact polynomial of degree 5 with the coefficients base^k.
Points wampler(double base) {
  Points points;
  for (int i = 0; i <= 20; ++i) {
    const double x = i;
    double y = 0;
    for (int k = 5; k >= 0; --k) y = y * x + std::pow(base, k);
    points.x.push_back(x);
    points.y.push_back(y);
  }
  return points;
}

}  // namespace

TEST_CASE("NIST Norris: a line") {
  PolynomialFitter fitter(1);
  REQUIRE(fitter.fit(norris.x, norris.y));
  CHECK(fitter.coefficients()[0] == Approx(1.00211681802045).epsilon(1e-12));
  CHECK(fitter.coefficients()[1] == Approx(-0.262323073774029).epsilon(1e-11));
  CHECK(fitter.sd() == Approx(0.884796396144373).epsilon(1e-12));
  CHECK(fitter.r2().value() == Approx(0.999993745883712).epsilon(1e-14));
}

TEST_CASE("NIST Pontius: a parabola with x up to 3,000,000") {
  const Points points = pontius();
  PolynomialFitter fitter(2);
  REQUIRE(fitter.fit(points.x, points.y));
  CHECK(fitter.coefficients()[0] == Approx(-0.316081871345029E-14).epsilon(1e-10));
  CHECK(fitter.coefficients()[1] == Approx(0.732059160401003E-06).epsilon(1e-12));
  CHECK(fitter.coefficients()[2] == Approx(0.673565789473684E-03).epsilon(1e-10));
  CHECK(fitter.sd() == Approx(0.205177424076185E-03).epsilon(1e-11));
  CHECK(fitter.r2().value() == Approx(0.999999900178537).epsilon(1e-14));
}

TEST_CASE("NIST Wampler: degree five without an error") {
  for (const double base : {1.0, 0.1}) {
    const Points points = wampler(base);
    PolynomialFitter fitter(5);
    REQUIRE(fitter.fit(points.x, points.y));
    for (std::size_t k = 0; k <= 5; ++k) CHECK(fitter.coefficients()[5 - k] == Approx(std::pow(base, k)).epsilon(1e-8));
    CHECK(fitter.r2().value() == Approx(1));
  }
}

TEST_CASE("the prediction interval of a line by hand") {
  // Simple regression: reach = t · sd · sqrt(1 + 1/n + (x0 − x̄)² / Sxx). Here x̄ = 3, Sxx = 10, slope 0.6,
  // intercept 2.2, SSE 2.4.
  const std::vector<double> x{1, 2, 3, 4, 5};
  const std::vector<double> y{2, 4, 5, 4, 5};
  PolynomialFitter fitter(1);
  REQUIRE(fitter.fit(x, y));
  CHECK(fitter.coefficients()[0] == Approx(0.6));
  CHECK(fitter.coefficients()[1] == Approx(2.2));
  CHECK(fitter.sd() == Approx(std::sqrt(2.4 / 3)));
  CHECK(fitter.r2().value() == Approx(0.6));
  const auto prediction = fitter.predict(6, 0.95);
  const double reach = weir::student_t_quantile(0.975, 3) * std::sqrt(0.8) * std::sqrt(1 + 0.2 + 0.9);
  CHECK(prediction.value == Approx(5.8));
  CHECK(prediction.low == Approx(5.8 - reach));
  CHECK(prediction.high == Approx(5.8 + reach));
  CHECK(fitter.predict(6, 0.5).high ==
        Approx(5.8 + reach * weir::student_t_quantile(0.75, 3) / weir::student_t_quantile(0.975, 3)));
}

TEST_CASE("degree zero is the mean") {
  const std::vector<double> x{0, 0, 0};
  const std::vector<double> y{1, 2, 6};
  PolynomialFitter fitter(0);
  REQUIRE(fitter.fit(x, y));
  CHECK(fitter.coefficients() == std::vector<double>{3});
  CHECK(fitter.sd() == Approx(std::sqrt(7.0)));
  CHECK(fitter.predict(5, 0.95).high ==
        Approx(3 + weir::student_t_quantile(0.975, 2) * std::sqrt(7.0) * std::sqrt(4.0 / 3)));
}

TEST_CASE("equal values are met exactly and have no r2") {
  std::vector<double> x;
  std::vector<double> y;
  for (int i = 0; i < 50; ++i) {
    x.push_back(3600.0 * (i - 49));
    y.push_back(0.1);
  }
  PolynomialFitter fitter(2);
  REQUIRE(fitter.fit(x, y));
  CHECK(fitter.coefficients() == std::vector<double>{0, 0, 0.1});
  CHECK(fitter.sd() == 0);
  CHECK_FALSE(fitter.r2().has_value());
  const auto prediction = fitter.predict(7200, 0.95);
  CHECK(prediction.low == 0.1);
  CHECK(prediction.high == 0.1);
}

TEST_CASE("points that cannot be fitted") {
  PolynomialFitter line(1);
  CHECK_FALSE(line.fit(std::vector<double>{1, 2}, std::vector<double>{1, 2}));              // no degree of freedom left
  CHECK_FALSE(line.fit(std::vector<double>{5, 5, 5, 5}, std::vector<double>{1, 2, 3, 4}));  // one different x
  PolynomialFitter parabola(2);
  CHECK_FALSE(parabola.fit(std::vector<double>{1, 1, 2, 2, 2}, std::vector<double>{1, 2, 3, 4, 5}));  // two different x
  CHECK_FALSE(line.fit(std::vector<double>{1, 2, 3}, std::vector<double>{-1.7e308, 1.7e308, 1.7e308}));
  CHECK(line.fit(std::vector<double>{1, 2, 3}, std::vector<double>{1, 2, 4}));  // the object stays usable
}
