#include "window/window.hpp"

#include "catch.hpp"
#include "time/timestamp.hpp"
#include "window/watermark.hpp"

using namespace std::chrono_literals;
using weir::Duration;
using weir::Time;
using weir::TumblingWindows;
using weir::Window;

namespace {

Time at(std::string_view text) { return weir::TimeParser().parse(text).value(); }

}  // namespace

TEST_CASE("windows meet at the epoch in UTC") {
  const TumblingWindows hours(1h);
  CHECK(hours.window_of(at("2017-03-01T10:00:00Z")) == Window{at("2017-03-01T10:00:00Z"), at("2017-03-01T11:00:00Z")});
  CHECK(hours.window_of(at("2017-03-01T10:59:59.999999999Z")).start == at("2017-03-01T10:00:00Z"));
  CHECK(hours.window_of(at("2017-03-01T11:00:00Z")).start == at("2017-03-01T11:00:00Z"));
  const TumblingWindows days(24h);
  CHECK(days.window_of(at("2017-03-01T23:59:59+05:00")) ==
        Window{at("2017-03-01T00:00:00Z"), at("2017-03-02T00:00:00Z")});
  CHECK(days.window_of(at("1969-12-31T23:59:59Z")) == Window{at("1969-12-31T00:00:00Z"), at("1970-01-01T00:00:00Z")});
  CHECK(TumblingWindows(7s).window_of(at("1969-12-31T23:59:59Z")).start == at("1969-12-31T23:59:53Z"));
}

TEST_CASE("windows that meet elsewhere") {
  const TumblingWindows shifted(24h, at("2017-01-01T06:00:00Z"));
  CHECK(shifted.window_of(at("2017-03-01T05:59:59Z")) ==
        Window{at("2017-02-28T06:00:00Z"), at("2017-03-01T06:00:00Z")});
  CHECK(shifted.window_of(at("1960-01-01T06:00:00Z")).start == at("1960-01-01T06:00:00Z"));
}

TEST_CASE("a window at the edge of time is cut, not wrapped around") {
  const TumblingWindows centuries(24h * 36525);
  CHECK(centuries.window_of(at("2261-06-01T00:00:00Z")).end == Time::max());
  CHECK(centuries.window_of(at("1678-01-01T00:00:00Z")).start == Time::min());
}

TEST_CASE("a window holds its start and not its end") {
  const Window window{Time(10ns), Time(20ns)};
  CHECK(window.contains(Time(10ns)));
  CHECK(window.contains(Time(19ns)));
  CHECK_FALSE(window.contains(Time(20ns)));
  CHECK_FALSE(window.contains(Time(9ns)));
  CHECK_FALSE(Window{}.contains(Time{}));
}

TEST_CASE("the watermark follows the greatest time and never goes back") {
  weir::Watermark watermark(10s);
  CHECK(watermark.now() == Time::min());
  CHECK(watermark.observe(Time(100s)));
  CHECK(watermark.now() == Time(90s));
  CHECK_FALSE(watermark.observe(Time(95s)));
  CHECK(watermark.now() == Time(90s));
  CHECK(watermark.advance(Time(97s)));  // upstream has a later watermark
  CHECK_FALSE(watermark.observe(Time(105s)));
  CHECK(watermark.now() == Time(97s));
  CHECK_FALSE(watermark.advance(Time(50s)));
  CHECK(watermark.observe(Time(108s)));
  CHECK(watermark.now() == Time(98s));
}

TEST_CASE("a lateness that reaches beyond the beginning of time") {
  weir::Watermark watermark(24h * 36525 * 2);
  CHECK_FALSE(watermark.observe(at("1700-01-01T00:00:00Z")));
  CHECK(watermark.now() == Time::min());
}

TEST_CASE("windows that meet elsewhere hold every time, on both sides of the epoch") {
  const TumblingWindows windows(60s, Time(47s));
  for (int second = -200; second < 200; ++second) {
    const Window window = windows.window_of(Time(std::chrono::seconds(second)));
    CHECK(window.contains(Time(std::chrono::seconds(second))));
    CHECK((window.start - Time(47s)) % 60s == 0s);
    CHECK(window.end - window.start == 60s);
  }
}
