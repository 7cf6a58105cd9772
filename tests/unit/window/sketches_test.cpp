// Quantiles and distinct values: exact while few, within their stated errors beyond, the same for every way of merging.
#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "window/distinct.hpp"
#include "window/quantiles.hpp"

using weir::Distinct;
using weir::Quantiles;

namespace {

double exact_quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const double share = place - static_cast<double>(below);
  return share == 0 ? values[below] : values[below] + share * (values[below + 1] - values[below]);
}

Quantiles all_of(const std::vector<double>& values) {
  Quantiles made;
  for (const double x : values) made.add(x);
  return made;
}

}  // namespace

TEST_CASE("few numbers give exact quantiles") {
  CHECK(std::isnan(Quantiles().at(0.5)));
  CHECK(all_of({7}).at(0.99) == 7);
  CHECK(all_of({4, 1, 3, 2}).at(0.5) == 2.5);
  CHECK(all_of({4, 1, 3, 2}).at(0) == 1);
  CHECK(all_of({4, 1, 3, 2}).at(1) == 4);
  std::mt19937 random(1);
  std::vector<double> values;
  for (std::size_t i = 0; i < weir::exact_limit; ++i) values.push_back(static_cast<double>(random() % 1000) - 500);
  for (const double q : {0.01, 0.25, 0.5, 0.9, 0.999}) CHECK(all_of(values).at(q) == exact_quantile(values, q));
}

TEST_CASE("many numbers give quantiles within the stated error") {
  std::mt19937 random(2);
  std::lognormal_distribution<double> wide(0, 3);
  std::vector<double> values;
  for (int i = 0; i < 50000; ++i) values.push_back(i % 10 == 0 ? -wide(random) : i % 10 == 1 ? 0 : wide(random));
  const Quantiles sketch = all_of(values);
  CHECK_FALSE(sketch.exact());
  for (const double q : {0.0, 0.01, 0.05, 0.15, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0}) {
    const double exact = exact_quantile(values, q);
    CAPTURE(q, exact);
    CHECK(std::abs(sketch.at(q) - exact) <= std::abs(exact) * Quantiles::relative_error * 1.0001);
  }
}

TEST_CASE("numbers of any size have a bin") {
  std::vector<double> values;
  for (int i = -320; i <= 308; ++i) values.insert(values.end(), {std::pow(10.0, i), -std::pow(10.0, i), 3.0});
  const Quantiles sketch = all_of(values);
  CHECK(sketch.at(0) == -1e308);
  CHECK(sketch.at(1) == 1e308);
  CHECK(std::isfinite(sketch.at(0.7)));
}

TEST_CASE("splitting and merging quantiles changes nothing") {
  std::mt19937 random(3);
  for (const std::size_t count :
       {std::size_t{0}, std::size_t{5}, weir::exact_limit, weir::exact_limit + 1, std::size_t{5000}}) {
    for (int round = 0; round < 10; ++round) {
      std::vector<double> values;
      for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<double>(random() % 100000) / 7 - 5000);
      std::vector<Quantiles> parts(1 + random() % 5);
      for (const double x : values) parts[random() % parts.size()].add(x);
      while (parts.size() > 1) {
        const std::size_t other = random() % (parts.size() - 1);
        parts[other].merge(parts.back());
        parts.pop_back();
      }
      const Quantiles whole = all_of(values);
      CHECK(parts[0].count() == count);
      for (const double q : {0.0, 0.1, 0.5, 0.99, 1.0})
        CHECK((parts[0].at(q) == whole.at(q) || (count == 0 && std::isnan(parts[0].at(q)))));
    }
  }
}

TEST_CASE("different values are counted, exactly while few") {
  Distinct few;
  CHECK(few.count() == 0);
  const auto value = [](weir::Kind kind, std::string_view raw, std::string_view text) {
    return weir::Value{kind, raw, text};
  };
  few.add(value(weir::Kind::string, "\"a\"", "a"));
  few.add(value(weir::Kind::string, "\"\\u0061\"", "a"));
  few.add(value(weir::Kind::string, "\"1\"", "1"));
  few.add(value(weir::Kind::number, "1", "1"));
  few.add(value(weir::Kind::number, "1.00", "1.00"));
  few.add(value(weir::Kind::number, "10e-1", "10e-1"));
  few.add(value(weir::Kind::boolean, "true", "true"));
  few.add(value(weir::Kind::array, "[1]", "[1]"));
  CHECK(few.count() == 5);
}

TEST_CASE("many different values are counted within the stated error, however they are merged") {
  for (const std::size_t count : {std::size_t{1000}, std::size_t{1024}, std::size_t{1025}, std::size_t{3000},
                                  std::size_t{40000}, std::size_t{70000}, std::size_t{500000}}) {
    Distinct whole;
    std::vector<Distinct> parts(3);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string token = std::to_string(i * 31 + 7);
      const weir::Value value{weir::Kind::number, token, token};
      whole.add(value);
      parts[i % 3].add(value);
      if (i % 5 == 0) parts[(i + 1) % 3].add(value);  // a value of two parts counts once
    }
    parts[0].merge(parts[1]);
    parts[2].merge(parts[0]);
    CAPTURE(count);
    CHECK(parts[2].count() == whole.count());
    if (count <= weir::exact_limit) {
      CHECK(whole.count() == count);
    } else {
      const double error = std::abs(static_cast<double>(whole.count()) - static_cast<double>(count));
      CHECK(error <= 3 * 0.0082 * static_cast<double>(count));
    }
  }
}
