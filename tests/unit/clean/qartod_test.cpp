#include "clean/qartod.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "time/timestamp.hpp"

using namespace std::chrono_literals;
using weir::clean::Flag;
using weir::clean::parse_qartod;
using weir::clean::QartodSeries;
using weir::clean::QartodTest;

namespace {

struct Point {
  int seconds;
  std::optional<double> value;
};

/// The flags of a test, as digits. That of `spike` is known one value later.
std::string flags(const std::string& tests, QartodTest test, const std::vector<Point>& points) {
  const auto rule = parse_qartod(tests);
  QartodSeries series;
  std::string digits;
  const auto digit = [](Flag flag) { return static_cast<char>('0' + static_cast<int>(flag)); };
  for (const Point& point : points) {
    const auto all = series.add(rule, weir::Time(std::chrono::seconds(1'700'000'000 + point.seconds)), point.value);
    if (test == QartodTest::spike && !digits.empty()) digits.back() = digit(series.spike_before());
    digits += digit(all[static_cast<std::size_t>(test)]);
  }
  return digits;
}

std::string refusal(const std::string& tests) {
  try {
    parse_qartod(tests);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("the range of possible values, and that of usual ones") {
  const std::vector<Point> points{{0, -1}, {1, 0}, {2, 5}, {3, 6}, {4, {}}, {5, 14.1}};
  CHECK(flags("range 0..14 suspect 6..", QartodTest::range, points) == "433194");
  CHECK(flags("range ..14", QartodTest::range, points) == "111194");
}

TEST_CASE("a spike is judged by both neighbours") {
  CHECK(flags("spike 1 3", QartodTest::spike, {{0, 1}, {1, 1}, {2, 3}, {3, 1}, {4, 9}, {5, 1}}) == "213442");
  CHECK(flags("spike 1 3", QartodTest::spike, {{0, 1}, {1, {}}, {2, 9}, {3, 1}, {4, 1}}) == "29242");
  CHECK(flags("spike 1; gap 10s", QartodTest::spike, {{0, 1}, {1, 9}, {99, 1}, {100, 9}, {101, 1}}) == "22232");
}

TEST_CASE("a rate of change is one of time") {
  CHECK(flags("rate 60/1m 120/1m", QartodTest::rate, {{0, 0}, {1, 1}, {2, 2.5}, {3, 5}, {13, 14}, {13, 99}, {14, {}}, {15, 1}}) ==
        "21341292");
}

TEST_CASE("a flat line lasts, within its tolerance") {
  const std::vector<Point> same{{0, 1}, {10, 2}, {20, 2}, {30, 2}, {40, 2}, {50, 3}, {60, 3}};
  CHECK(flags("flat 20s 30s", QartodTest::flat, same) == "1113411");
  CHECK(flags("flat 20s", QartodTest::flat, same) == "1113311");
  // The range of all values of the time counts, so a slow drift is none.
  CHECK(flags("flat 20s within 0.5", QartodTest::flat, {{0, 1}, {10, 1.3}, {20, 1.6}, {30, 1.9}, {40, 1.7}, {50, 1.8}}) ==
        "111133");
  CHECK(flags("flat 20s; gap 15s", QartodTest::flat, {{0, 1}, {10, 1}, {20, 1}, {40, 1}, {50, 1}, {60, 1}}) == "113113");
  CHECK(flags("flat 20s", QartodTest::flat, {{0, 1}, {10, {}}, {20, 1}}) == "193");
  CHECK(flags("flat 20s within 1", QartodTest::flat, {{0, 1}, {0, 9}, {0, 1}, {0, 9}, {20, 9}}) == "11113");
}

TEST_CASE("a gap is flagged after it") {
  CHECK(flags("gap 1m", QartodTest::gap, {{0, 1}, {60, 1}, {121, 1}, {122, {}}}) == "2149");
}

TEST_CASE("a flat line of many values keeps a bounded number of them") {
  const auto rule = parse_qartod("flat 1h within 1000000");
  QartodSeries series;
  for (int i = 0; i < 5000; ++i) series.add(rule, weir::Time(std::chrono::seconds(i)), 0.001 * i);
  const auto last = series.add(rule, weir::Time(std::chrono::seconds(5000)), 5);
  CHECK(last[static_cast<std::size_t>(QartodTest::flat)] == Flag::good);  // of 5000 values 1024 are kept
}

TEST_CASE("texts that are no tests") {
  CHECK(refusal("") == "no test: expected one of range, spike, rate, flat and gap");
  CHECK(refusal("climatology 1") == "climatology: is not a test: range, spike, rate, flat and gap are");
  CHECK(refusal("range 0-14") == "range: '0-14' is not LOW..HIGH");
  CHECK(refusal("range 14..0").find("above") != std::string::npos);
  CHECK(refusal("range 0..14 suspect 5..15").find("not within") != std::string::npos);
  CHECK(refusal("spike 3 1").find("below that for suspect") != std::string::npos);
  CHECK(refusal("spike -1").find("below 0") != std::string::npos);
  CHECK(refusal("rate 1").find("0.5/1m") != std::string::npos);
  CHECK(refusal("flat 3") == "flat: '3' is not a duration with its unit, as in 30m");
  CHECK(refusal("gap 1m 2m") == "gap: one duration is expected");
  CHECK(refusal("gap 1m; gap 2m") == "gap: is there twice");
}
