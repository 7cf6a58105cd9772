#include "stats/student_t.hpp"

#include <cmath>
#include <stdexcept>

#include "catch.hpp"

TEST_CASE("quantiles of Student's t") {
  // Closed forms: one degree of freedom is Cauchy's, tan(π(p − 1/2)); two, (2p − 1) / sqrt(2p(1 − p)).
  const double pi = std::acos(-1.0);
  CHECK(weir::student_t_quantile(0.975, 1) == Approx(std::tan(pi * 0.475)).epsilon(1e-13));
  CHECK(weir::student_t_quantile(0.975, 2) == Approx(0.95 / std::sqrt(2 * 0.975 * 0.025)).epsilon(1e-13));
  // Printed tables.
  CHECK(weir::student_t_quantile(0.975, 10) == Approx(2.228139).epsilon(1e-6));
  CHECK(weir::student_t_quantile(0.995, 48) == Approx(2.682204).epsilon(1e-6));
  CHECK(weir::student_t_quantile(0.5, 7) == Approx(0).margin(1e-15));
  CHECK_THROWS_AS(weir::student_t_quantile(1.5, 7), std::domain_error);
}
