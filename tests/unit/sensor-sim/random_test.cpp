#include "random.hpp"

#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "decimal.hpp"
#include "exact_math.hpp"

using weir::sensor_sim::Random;

TEST_CASE("SplitMix64 gives the numbers that are published for seed 1234567") {
  Random random(1234567);
  CHECK(random.bits() == 6457827717110365317U);
  CHECK(random.bits() == 3203168211198807973U);
  CHECK(random.bits() == 9817491932198370423U);
  CHECK(random.bits() == 4593380528125082431U);
  CHECK(random.bits() == 16408922859458223821U);
}

TEST_CASE("uniform and normal numbers have the mean and spread they should have") {
  Random random(7);
  constexpr int n = 200'000;
  double sum = 0;
  double squares = 0;
  double uniform_sum = 0;
  double lowest = 1;
  double highest = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    REQUIRE(std::abs(x) < 3.47);
    sum += x;
    squares += x * x;
    const double u = random.uniform();
    uniform_sum += u;
    lowest = std::min(lowest, u);
    highest = std::max(highest, u);
  }
  CHECK(std::abs(sum / n) < 0.01);
  CHECK(std::abs(squares / n - 1) < 0.01);
  CHECK(std::abs(uniform_sum / n - 0.5) < 0.003);
  CHECK(lowest >= 0);
  CHECK(highest < 1);
}

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
