#include "window/step_mean.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <vector>

#include "catch.hpp"

using weir::StepMean;
using weir::Time;

namespace {

using std::chrono::seconds;

struct Reading {
  Time time;
  double value;
};

/// The definition: the area under the steps, in long doubles.
long double area_mean(std::vector<Reading> readings, Time until) {
  std::sort(readings.begin(), readings.end(),
            [](const Reading& a, const Reading& b) { return a.time != b.time ? a.time < b.time : a.value < b.value; });
  long double area = 0;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const Time next = i + 1 < readings.size() ? readings[i + 1].time : std::max(until, readings[i].time);
    area += static_cast<long double>(readings[i].value) * static_cast<long double>((next - readings[i].time).count());
  }
  return area / static_cast<long double>((std::max(until, readings.back().time) - readings[0].time).count());
}

StepMean mean_of(const std::vector<Reading>& readings) {
  StepMean mean;
  for (const Reading& each : readings) mean.add(each.time, each.value);
  return mean;
}

}  // namespace

TEST_CASE("a value weighs as long as it holds") {
  StepMean mean;
  CHECK(std::isnan(mean.until(Time(seconds(100)))));
  mean.add(Time(seconds(10)), 4);
  CHECK(mean.until(Time::min()) == 4);
  CHECK(mean.until(Time(seconds(10))) == 4);
  CHECK(mean.until(Time(seconds(60))) == 4);
  mean.add(Time(seconds(20)), 1);
  CHECK(mean.until(Time::min()) == 4);           // 1 has not lasted yet
  CHECK(mean.until(Time(seconds(50))) == 1.75);  // 10 s of 4, 30 s of 1
  mean.add(Time(seconds(15)), 8);                // out of order: 5 s of 4, 5 s of 8, 30 s of 1
  CHECK(mean.until(Time(seconds(50))) == 2.25);
  mean.add(Time(seconds(15)), 2);  // of equal times the greatest counts
  CHECK(mean.until(Time(seconds(50))) == 2.25);
}

TEST_CASE("a mean over all of time") {
  StepMean mean;
  mean.add(Time::min(), 1e250);
  mean.add(Time::max(), -1e250);
  CHECK(mean.until(Time::max()) == 1e250);
}

TEST_CASE("order, splitting and merging change nothing") {
  std::mt19937 random(31);
  for (const int count : {1, 5, 200, 1024, 1025, 5000}) {
    for (const int parts : {1, 2, 7}) {
      CAPTURE(count, parts);
      std::vector<Reading> readings;
      for (int i = 0; i < count; ++i)
        readings.push_back({Time(std::chrono::milliseconds(random() % 86'400'000)),
                            static_cast<double>(random() % 100'000) / 100 - 300});
      if (count > 5) readings[1] = readings[0];
      const Time until(std::chrono::hours(24));
      const double whole = mean_of(readings).until(until);
      std::shuffle(readings.begin(), readings.end(), random);
      std::vector<StepMean> pieces(static_cast<std::size_t>(parts));
      for (const Reading& each : readings) pieces[random() % static_cast<unsigned>(parts)].add(each.time, each.value);
      for (std::size_t i = 1; i < pieces.size(); ++i) pieces[0].merge(pieces[i]);
      CHECK(pieces[0].exact() == (count <= 1024));
      CHECK(std::abs(pieces[0].until(until) - whole) <= 1e-12 * std::max(1.0, std::abs(whole)));
      const auto exact = static_cast<double>(area_mean(readings, until));
      // Many values are averaged plainly within stretches of a 512th of the day or less. Here noise of 1000 at random
      // times is off by a hundredth of that.
      CHECK(std::abs(whole - exact) <= (count <= 1024 ? 1e-12 * std::max(1.0, std::abs(exact)) : 10.0));
    }
  }
}

TEST_CASE("of many values at an even pace the mean stays exact") {
  std::vector<Reading> readings;
  for (int i = 0; i < 86400; ++i) readings.push_back({Time(seconds(i)), std::sin(i / 7000.0)});
  const StepMean mean = mean_of(readings);
  CHECK_FALSE(mean.exact());
  const auto exact = static_cast<double>(area_mean(readings, Time(seconds(86400))));
  CHECK(std::abs(mean.until(Time(seconds(86400))) - exact) <= 1e-12);
}

TEST_CASE("a value before the first one holds until then") {
  using std::chrono::seconds;
  weir::StepMean watts;
  const auto before = std::optional(weir::StepMean::Before{Time(seconds(0)), 60});
  CHECK(watts.mean(before, Time(seconds(600))) == 60);
  CHECK(watts.integral(before, Time(seconds(600))) == 60 * 600e9);
  CHECK(watts.mean(before, Time::min()) == 60);
  CHECK(watts.integral(before, Time::min()) == 0);
  CHECK(std::isnan(watts.integral({}, Time(seconds(600)))));
  watts.add(Time(seconds(450)), 100);
  CHECK(watts.integral(before, Time(seconds(600))) == 60 * 450e9 + 100 * 150e9);
  CHECK(watts.mean(before, Time(seconds(600))) == 70);
  CHECK(watts.integral({}, Time(seconds(600))) == 100 * 150e9);
  CHECK(watts.integral(before, Time::min()) == 60 * 450e9);  // an open window: to the last value's own time
  weir::StepMean later;
  later.take_last(watts);
  CHECK(later.last() == 100.0);
  later.take_last(weir::StepMean());
  CHECK(later.last() == 100.0);
}
