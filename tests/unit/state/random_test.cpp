#include "state/random.hpp"

#include <algorithm>
#include <cmath>

#include "catch.hpp"

using weir::Random;

TEST_CASE("SplitMix64 gives the numbers that are published for seed 1234567") {
  Random random(1234567);
  CHECK(random.next() == 6457827717110365317U);
  CHECK(random.next() == 3203168211198807973U);
  CHECK(random.next() == 9817491932198370423U);
  CHECK(random.next() == 4593380528125082431U);
  CHECK(random.next() == 16408922859458223821U);
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

TEST_CASE("a name and a seed give numbers of their own") {
  CHECK(Random("s1", 1).next() == Random("s1", 1).next());
  CHECK(Random("s1", 1).next() != Random("s1", 2).next());
  CHECK(Random("s1", 1).next() != Random("s2", 1).next());
}
