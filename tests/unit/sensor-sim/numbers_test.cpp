#include <cmath>
#include <string>

#include "catch.hpp"
#include "decimal.hpp"
#include "derived_seed.hpp"
#include "exact_math.hpp"

TEST_CASE("names and seeds have seeds of their own") {
  CHECK(weir::sensor_sim::derived_seed(1, "Athens") == weir::sensor_sim::derived_seed(1, "Athens"));
  CHECK(weir::sensor_sim::derived_seed(1, "Athens") != weir::sensor_sim::derived_seed(2, "Athens"));
  CHECK(weir::sensor_sim::derived_seed(1, "Athens") != weir::sensor_sim::derived_seed(1, "Oslo"));
}

TEST_CASE("sine, exponential and the normal distribution agree with the library's") {
  for (int i = -4000; i <= 4000; ++i) {
    const double x = i / 1000.0;
    CHECK(std::abs(weir::sensor_sim::sine_of_turns(x) - std::sin(x * 6.283185307179586)) < 2e-9);
    CHECK(std::abs(weir::sensor_sim::exponential(x * 10) / std::exp(x * 10) - 1) < 1e-8);
    CHECK(std::abs(weir::sensor_sim::normal_share_below(x) - std::erfc(-x / std::sqrt(2.0)) / 2) < 2e-4);
  }
}

TEST_CASE("hundredths, rounded and written") {
  const auto written = [](double value) {
    std::string out;
    weir::sensor_sim::append_hundredths(out, weir::sensor_sim::hundredths(value));
    return out;
  };
  CHECK(written(12.345678) == "12.35");
  CHECK(written(-0.049) == "-0.05");
  CHECK(written(-0.004) == "0.00");
  CHECK(written(-12.34) == "-12.34");
  CHECK(written(7) == "7.00");
  CHECK(written(0.999) == "1.00");
}
