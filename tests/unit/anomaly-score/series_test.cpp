#include "series.hpp"

#include <cmath>
#include <functional>
#include <stdexcept>
#include <vector>

#include "catch.hpp"

using namespace weir;
using namespace weir::anomaly_score;
using namespace std::chrono_literals;

namespace {

Settings running() {
  Settings settings;
  settings.form = Form::running;
  settings.min_samples = 4;
  return settings;
}

Settings novelty() {
  Settings settings;
  settings.method = Method::novelty;
  settings.min_samples = 20;
  settings.window = 4;
  return settings;
}

/// A series that gets a value a minute.
class Stream {
 public:
  explicit Stream(const Settings& settings) : plan_(settings) {}
  Finding give(double value, Duration step = 1min) {
    now_ += step;
    return series_.observe(plan_, now_, value, 0.1);
  }
  const weir::anomaly_score::Series& series() const { return series_; }

 private:
  Plan plan_;
  weir::anomaly_score::Series series_;
  Time now_{};
};

bool near(double a, double b) { return std::fabs(a - b) < 1e-12; }

}  // namespace

TEST_CASE("the running form is the mean and the deviation of all values before") {
  Stream stream(running());
  for (const double value : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0}) static_cast<void>(stream.give(value));
  const Finding finding = stream.give(9);
  // Of 2, 4, 4, 4, 5, 5, 7: mean 31/7, mean square 151/7.
  const double mean = 31.0 / 7;
  const double deviation = std::sqrt(151.0 / 7 - mean * mean);
  CHECK(near(finding.expected, mean));
  CHECK(near(finding.strength, (9 - mean) / deviation));
  const double ratio = (9 - mean) / deviation / 3;
  CHECK(near(finding.score, ratio / (1 + ratio)));
  CHECK(near(finding.high - finding.expected, 3 * deviation));
  CHECK(finding.cause == Cause::above);
  CHECK(near(stream.series().baseline().mean(), 5));
  CHECK(near(stream.series().baseline().running_deviation(), 2));
  CHECK(stream.series().baseline().count() == 8);
}

TEST_CASE("nothing is scored before the least number of values") {
  Stream stream(running());
  for (int i = 0; i < 4; ++i) {
    const Finding finding = stream.give(i);
    CHECK(std::isnan(finding.score));
    CHECK(finding.cause == Cause::learning);
  }
  CHECK_FALSE(std::isnan(stream.give(4).score));
}

TEST_CASE("after a constant history a step of the last digit is no anomaly, and a real one is") {
  Settings settings = running();
  for (const Form form : {Form::running, Form::robust, Form::seasonal}) {
    settings.form = form;
    Stream stream(settings);
    for (int i = 0; i < 200; ++i) static_cast<void>(stream.give(20));
    CHECK(stream.give(20).score == 0);
    CHECK(stream.give(20.1).score < 0.5);
    CHECK(stream.give(25).score > 0.8);
  }
}

TEST_CASE("after an alert the scores of as many records as are held stay below 0.5") {
  Settings settings = running();
  settings.hold = "3";
  settings.no_learn_above = 0.5;
  Stream stream(settings);
  for (int i = 0; i < 10; ++i) static_cast<void>(stream.give(i % 2));
  CHECK(stream.give(50).score > 0.5);
  for (int i = 0; i < 3; ++i) {
    const Finding finding = stream.give(50);
    CHECK(finding.score < 0.5);
    CHECK(finding.score > 0.4);
    CHECK(finding.cause == Cause::held);
  }
  CHECK(stream.give(50).score > 0.5);
}

TEST_CASE("each alert raises its limit, and that wears off") {
  Settings settings = running();
  settings.escalate = 2;
  settings.settle = 100;
  settings.no_learn_above = 0.3;
  settings.relearn = 1000000;
  Stream stream(settings);
  for (int i = 0; i < 10; ++i) static_cast<void>(stream.give(i % 2));
  const double first = stream.give(2.2).high;  // 3.4 deviations
  const Finding again = stream.give(2.2);
  CHECK(again.score < 0.5);
  CHECK(again.high > 1.4 * first);
  for (int i = 0; i < 1000; ++i) static_cast<void>(stream.give(0.5));
  CHECK(stream.give(2.8).score > 0.5);
}

TEST_CASE("values that are not learned do not move what is expected, until there are too many in a row") {
  Settings settings = running();
  settings.no_learn_above = 0.5;
  settings.relearn = 5;
  Stream stream(settings);
  for (int i = 0; i < 10; ++i) static_cast<void>(stream.give(i % 2));
  for (int i = 0; i < 5; ++i) CHECK(near(stream.give(100).expected, 0.5));
  static_cast<void>(stream.give(100));
  CHECK(stream.give(100).expected > 5);
}

TEST_CASE("a value is compared with its own slot of the season") {
  Settings settings;
  settings.min_samples = 20;
  Stream stream(settings);
  // Three weeks of hours: 10 by night, 20 by day.
  const auto usual = [](int hour) { return (hour % 24 < 12 ? 10.0 : 20.0) + hour * 7 % 5 * 0.1; };
  for (int hour = 0; hour < 504; ++hour) CHECK_FALSE(stream.give(usual(hour + 1), 1h).score >= 0.5);
  const Finding day_by_night = stream.give(20, 1h);
  CHECK(day_by_night.score > 0.5);
  CHECK(std::fabs(day_by_night.expected - 10.2) < 0.5);
}

TEST_CASE("an outlier pulls a robust mean no further than three deviations do") {
  Settings settings;
  settings.form = Form::robust;
  Stream one(settings), other(settings);
  for (int i = 0; i < 300; ++i) {
    static_cast<void>(one.give(i % 3));
    static_cast<void>(other.give(i % 3));
  }
  static_cast<void>(one.give(1e6));
  static_cast<void>(other.give(10));
  CHECK(near(one.give(1).expected, other.give(1).expected));
}

TEST_CASE("novelty is the distance to the nearest earlier run, by the usual distance") {
  Stream stream(novelty());
  const auto wave = [](int i) { return std::sin(i * 0.5) * 5; };
  double most = 0;
  for (int i = 0; i < 400; ++i)
    if (const Finding finding = stream.give(wave(i)); finding.score > most) most = finding.score;
  CHECK(most < 0.5);
  // The same values in another order are within every band, and still new.
  double found = 0;
  for (const double value : {4.9, -4.9, 4.9, -4.9}) found = std::max(found, stream.give(value).score);
  CHECK(found > 0.6);
}

TEST_CASE("no run reaches across a gap") {
  Stream stream(novelty());
  for (int i = 0; i < 400; ++i) static_cast<void>(stream.give(std::sin(i * 0.5) * 5));
  CHECK(std::isnan(stream.give(0, 24h).score));
  for (int i = 0; i < 2; ++i) CHECK(std::isnan(stream.give(0).score));
  CHECK_FALSE(std::isnan(stream.give(0).score));
}

TEST_CASE("settings that do not go together are refused") {
  const auto refused = [](const std::function<void(Settings&)>& change) {
    Settings settings;
    change(settings);
    CHECK_THROWS_AS(Plan(settings), std::invalid_argument);
  };
  refused([](Settings& s) { s.limit = 0; });
  refused([](Settings& s) { s.rate = 0.5; });
  refused([](Settings& s) { s.limit = 3, s.rate = 1e-4; });
  refused([](Settings& s) { s.hold = "soon"; });
  refused([](Settings& s) { s.escalate = 0.5; });
  refused([](Settings& s) { s.no_learn_above = 1.5; });
  refused([](Settings& s) { s.floor = -1; });
  refused([](Settings& s) { s.form = Form::running, s.smooth = 3; });
  refused([](Settings& s) { s.form = Form::running, s.method = Method::ensemble; });
  refused([](Settings& s) { s.season = Duration(0); });
  refused([](Settings& s) { s.half_life = 0; });
}
