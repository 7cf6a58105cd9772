#include "window/increase.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "saved_state.hpp"

using weir::Increase;
using weir::Time;

namespace {

using std::chrono::seconds;

struct Reading {
  int second;
  int value;  ///< in hundredths
};

std::string token_of(int hundredths) {
  std::string text = std::to_string(hundredths / 100) + '.';
  return text + (hundredths % 100 < 10 ? "0" : "") + std::to_string(hundredths % 100);
}

void add(Increase& to, const Reading& reading) {
  to.add(Time(seconds(reading.second)), reading.value / 100.0, token_of(reading.value));
}

std::string text_of(const weir::DecimalSum& sum) {
  std::string out;
  sum.append_to(out);
  return out;
}

/// The rule, over sorted readings: a rise counts; after a fall the new value does.
long long increase_of(const std::vector<Reading>& sorted) {
  long long sum = 0;
  for (std::size_t i = 1; i < sorted.size(); ++i)
    sum += sorted[i].value - (sorted[i].value < sorted[i - 1].value ? 0 : sorted[i - 1].value);
  return sum;
}

std::string plain(long long hundredths) {
  std::string text = token_of(static_cast<int>(hundredths));
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

/// A meter that rises by up to `most`, and starts again from near zero once in `reset` readings.
std::vector<Reading> meter(std::mt19937& random, int count, unsigned most, unsigned reset) {
  std::vector<Reading> readings;
  int value = 500;
  for (int i = 0; i < count; ++i) {
    value = random() % reset == 0 ? static_cast<int>(random() % 50) : value + static_cast<int>(random() % most);
    readings.push_back({i * 10, value});
  }
  return readings;
}

}  // namespace

TEST_CASE("an increase counts rises, and after a fall the new value") {
  Increase increase;
  CHECK(increase.empty());
  for (const Reading& each : std::vector<Reading>{{0, 10010}, {10, 11030}, {20, 300}, {30, 300}, {40, 520}})
    add(increase, each);
  CHECK(text_of(increase.since(nullptr)) == "15.4");  // 10.2 + 3 + 0 + 2.2
  CHECK(increase.since(nullptr).nearest() == 15.4);

  Increase before;
  add(before, {-100, 10000});
  add(before, {-50, 10005});
  CHECK(text_of(increase.since(&before)) == "15.45");
  Increase higher;
  add(higher, {-50, 99999});
  CHECK(text_of(increase.since(&higher)) == "115.5");  // the meter began again before the window: 100.1 from zero
  const Increase nothing;
  CHECK(text_of(increase.since(&nothing)) == "15.4");
}

TEST_CASE("an increase keeps the digits of 64-bit counters") {
  Increase increase;
  increase.add(Time(seconds(1)), 9223372036854775001.0, "9223372036854775001");
  increase.add(Time(seconds(2)), 9223372036854775301.0, "9223372036854775301");
  CHECK(text_of(increase.since(nullptr)) == "300");
  increase.add(Time(seconds(3)), 9223372036854775300.0, "9223372036854775300");  // less by its digits alone: a reset
  CHECK(text_of(increase.since(nullptr)) == "9223372036854775600");
}

TEST_CASE("an increase is the same for readings out of order, merged or restored") {
  std::mt19937 random(41);
  for (const unsigned reset : {7U, 90U, 100000U}) {
    for (const int count : {1, 2, 40, 300, 4000}) {
      CAPTURE(reset, count);
      const std::vector<Reading> readings = meter(random, count, 30, reset);
      std::vector<Reading> mixed = readings;
      for (std::size_t i = 0; i + 16 < mixed.size(); i += 16)
        std::shuffle(mixed.begin() + static_cast<std::ptrdiff_t>(i),
                     mixed.begin() + static_cast<std::ptrdiff_t>(i + 16), random);
      Increase in_order;
      Increase out_of_order;
      for (const Reading& each : readings) add(in_order, each);
      for (const Reading& each : mixed) add(out_of_order, each);
      const std::string expected = plain(increase_of(readings));
      CHECK(text_of(in_order.since(nullptr)) == expected);
      CHECK(text_of(out_of_order.since(nullptr)) == expected);

      Increase first;
      Increase second;
      for (const Reading& each : readings) add(each.second < count * 5 ? first : second, each);
      first.merge(second);
      if (reset > 7 || count <= 300) CHECK(text_of(first.since(nullptr)) == expected);

      Increase restored;
      weir::test::load_state(restored, weir::test::saved_state(in_order));
      add(restored, {count * 10, 40});
      add(in_order, {count * 10, 40});
      CHECK(text_of(restored.since(nullptr)) == text_of(in_order.since(nullptr)));
    }
  }
}

TEST_CASE("the increases of windows, each since the one before, add up to the whole") {
  std::mt19937 random(43);
  const std::vector<Reading> readings = meter(random, 1000, 30, 60);
  weir::DecimalSum sum;
  Increase last;
  for (std::size_t begin = 0; begin < readings.size(); begin += 37) {
    Increase window;
    for (std::size_t i = begin; i < std::min(begin + 37, readings.size()); ++i) add(window, readings[i]);
    sum.add(text_of(window.since(&last)));
    last.take_last(window);
  }
  CHECK(text_of(sum) == plain(increase_of(readings)));
}
