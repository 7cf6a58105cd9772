#include "time/saturating.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;
using weir::Duration;
using weir::Time;

TEST_CASE("arithmetic on times stops at the ends") {
  CHECK(weir::saturating_add(Time(5s), 2s) == Time(7s));
  CHECK(weir::saturating_add(Time::max() - 1s, 2s) == Time::max());
  CHECK(weir::saturating_add(Time::min() + 1s, -2s) == Time::min());
  CHECK(weir::saturating_subtract(Time(5s), 7s) == Time(-2s));
  CHECK(weir::saturating_subtract(Time::min() + 1s, 2s) == Time::min());
  CHECK(weir::saturating_subtract(Time::max() - 1s, -2s) == Time::max());
  CHECK(weir::saturating_distance(Time(5s), Time(7s)) == 2s);
  CHECK(weir::saturating_distance(Time(7s), Time(5s)) == -2s);
  CHECK(weir::saturating_distance(Time::min(), Time::max()) == Duration::max());
  CHECK(weir::saturating_distance(Time::max(), Time::min()) == Duration::min());
  CHECK(weir::saturating_multiply(2s, 3) == 6s);
  CHECK(weir::saturating_multiply(24h * 365, 1000) == Duration::max());
}
