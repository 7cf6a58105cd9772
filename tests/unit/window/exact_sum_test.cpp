#include "window/exact_sum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "catch.hpp"

using weir::ExactSum;
using weir::SumParts;
using weir::WideSum;

namespace {

__extension__ using Wide = __int128;

template <std::size_t Size>
ExactSum<Size> sum_of(const std::vector<double>& numbers) {
  ExactSum<Size> sum;
  for (const double x : numbers) sum.add(x);
  return sum;
}

double wide_sum_of(const std::vector<double>& numbers) {
  WideSum sum;
  for (const double x : numbers) sum.add(x);
  return sum.rounded();
}

}  // namespace

TEST_CASE("a sum is the double nearest to the exact one, whatever the order") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<double> numbers;
    Wide exact = 0;  // in units of 2^-50
    const int spread = 1 + round % 50;
    for (int i = 0; i < 200; ++i) {
      const auto digits = static_cast<std::int64_t>(random() % (1U << 22)) - (1 << 21);
      const auto places = static_cast<int>(random() % static_cast<unsigned>(spread));
      exact += static_cast<Wide>(digits) << places;
      numbers.push_back(std::ldexp(static_cast<double>(digits), places - 50));
    }
    const double nearest =
        std::ldexp(static_cast<double>(exact), -50);  // an int128 rounds to the nearest, ties to even
    CHECK(sum_of<2>(numbers).value() == nearest);
    std::shuffle(numbers.begin(), numbers.end(), random);
    CHECK(sum_of<2>(numbers).value() == nearest);
    CHECK(sum_of<3>(numbers).value() == nearest);
    CHECK(wide_sum_of(numbers) == nearest);
    std::vector<ExactSum<2>> shares(3);
    for (const double x : numbers) shares[random() % 3].add(x);
    ExactSum<2> merged;
    for (const auto& each : shares) merged.merge(each);
    CHECK(merged.value() == nearest);
    CHECK(merged.parts() == sum_of<2>(numbers).parts());
    CHECK(sum_of<2>(merged.parts().doubles).value() == nearest);
  }
}

TEST_CASE("numbers of all sizes cancel exactly") {
  CHECK(sum_of<2>({1e308, 1e308, 1.0, -1e308, -1e308, 1e-300}).value() == 1.0);
  CHECK(sum_of<2>({1e16, 1, 1e-16, -1e16}).value() == 1.0);
  CHECK(sum_of<2>({1e16, 1, 1e-16, -1e16, -1}).value() == 1e-16);
  const double least = std::numeric_limits<double>::denorm_min();
  CHECK(sum_of<2>({least, 1e308, least, -1e308}).value() == 2 * least);
  CHECK(wide_sum_of({least, -1e308, 3 * least, 1e308}) == 4 * least);
  CHECK(std::isinf(sum_of<2>({1e308, 1e308}).value()));
  CHECK(sum_of<2>({}).value() == 0);
  CHECK(wide_sum_of({-2.5, 2.5}) == 0);
  CHECK(std::isnan(wide_sum_of({1, HUGE_VAL, -HUGE_VAL})));
}

TEST_CASE("ties of a sum go to the even double") {
  const double one = std::ldexp(1.0, 53);
  CHECK(wide_sum_of({one, 1}) == one);
  CHECK(wide_sum_of({one, 3}) == one + 4);
  CHECK(wide_sum_of({one, 1, std::ldexp(1.0, -1000)}) == one + 2);
  CHECK(wide_sum_of({-one, -1, -std::ldexp(1.0, -1000)}) == -one - 2);
}

TEST_CASE("squares and products are exact") {
  ExactSum<3> squares;
  squares.add_square(0.1);
  // 0.1 as a double is 3602879701896397 / 2^55.
  const Wide digits = 3602879701896397;
  WideSum expected;
  const Wide square = digits * digits;
  const auto high = static_cast<double>(square >> 40);
  expected.add(std::ldexp(high, 40 - 110));
  expected.add(std::ldexp(static_cast<double>(square - (static_cast<Wide>(high) << 40)), -110));
  for (const double part : squares.parts().doubles) expected.add(-part);
  CHECK(expected.rounded() == 0);
  WideSum product;
  product.add_product(0.1, 0.1);
  for (const double part : squares.parts().doubles) product.add(-part);
  CHECK(product.rounded() == 0);
}

TEST_CASE("a sum beyond a double's range comes back from its parts") {
  const double most = std::numeric_limits<double>::max();
  const double half = 0x1p1023;
  CHECK(sum_of<2>({half, half}).parts() == SumParts{{}, 2});
  CHECK(sum_of<2>({half, half, half, 1, -1e-300}).parts() == SumParts{{1, -1e-300}, 3});
  CHECK(sum_of<2>({-half, -half, 5}).parts() == SumParts{{-half, 5}, -1});
  CHECK(sum_of<2>({most, most, -most}).parts() == SumParts{{most}, 0});
  std::mt19937_64 random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> numbers;
    std::vector<ExactSum<2>> shares(3);
    const int sign = round % 2 == 0 ? 1 : -1;
    for (int i = 0; i < 500; ++i) {
      const double x = sign * std::ldexp(static_cast<double>(random() >> 11), 970 - static_cast<int>(random() % 8));
      numbers.push_back(i % 10 == 0 ? -x : x);
      shares[random() % 3].add(numbers.back());
    }
    const ExactSum<2> whole = sum_of<2>(numbers);
    CHECK(std::isinf(whole.value()));
    ExactSum<2> merged;
    for (const auto& each : shares) {
      const SumParts parts = each.parts();
      for (const double x : parts.doubles) {
        CHECK(std::isfinite(x));
        merged.add(x);
      }
      merged.add_beyond(parts.beyond);
    }
    CHECK(merged.parts() == whole.parts());
    for (const double x : numbers) merged.add(-x);
    CHECK(merged.parts() == SumParts{});
  }
}
