#include "tail_limit.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

#include "catch.hpp"

using namespace weir::anomaly_score;

namespace {

/// Numbers between 0 and 1, the same on every machine.
class Uniform {
 public:
  double operator()() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (static_cast<double>(state_ >> 11) + 0.5) / 9007199254740992.0;
  }

 private:
  std::uint64_t state_ = 7;
};

}  // namespace

TEST_CASE("a tail is that of the distribution which the excesses come from") {
  for (const double shape : {-0.2, 0.0, 0.3}) {
    Uniform uniform;
    std::vector<double> excesses;
    for (int i = 0; i < 20000; ++i) {
      const double u = uniform();
      excesses.push_back(shape == 0 ? -2 * std::log(u) : 2 / shape * (std::pow(u, -shape) - 1));
    }
    const Tail tail = fit_tail(excesses);
    CHECK(std::fabs(tail.shape - shape) < 0.03);
    CHECK(std::fabs(tail.scale - 2) < 0.08);
  }
}

TEST_CASE("without excesses, and of equal ones, there is a tail all the same") {
  CHECK(fit_tail({}).scale == 0);
  const Tail tail = fit_tail({2, 2, 2, 2});
  CHECK(std::isfinite(tail.shape));
  CHECK(tail.scale > 0);
}

TEST_CASE("a learned limit is passed by about the share of values asked for") {
  Uniform uniform;
  TailLimit limit;
  const double rate = 1e-3;
  for (int i = 0; i < 20000; ++i) limit.learn(-std::log(uniform()), rate);
  REQUIRE(limit.ready());
  int above = 0;
  for (int i = 0; i < 200000; ++i) above += -std::log(uniform()) > limit.limit() ? 1 : 0;
  CHECK(above > 100);
  CHECK(above < 350);
}
