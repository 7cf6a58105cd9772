#include "pacing.hpp"

#include <random>
#include <vector>

#include "catch.hpp"
#include "sent_readings.hpp"

using namespace weir;
using namespace weir::owm_poll;
using namespace std::chrono_literals;

TEST_CASE("rounds stand on the clock's multiples, and a late one does not move the next") {
  const Time midnight{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
  CHECK(next_round(midnight + 7s, 60s) == midnight + 60s);
  CHECK(next_round(midnight + 60s, 60s) == midnight + 120s);
  CHECK(next_round(midnight + 60s - 1ns, 60s) == midnight + 60s);
  CHECK(next_round(midnight + 130s, 60s) == midnight + 180s);
  CHECK(next_round(midnight + 5h, 24h) == midnight + 24h);
  CHECK(next_round(Time(-90s), 60s) == Time(-60s));
}

TEST_CASE("never more than the limit in any span of the window, and no more waiting than that needs") {
  RateLimit limit(3, 60s);
  CHECK(limit.free_at(1, 0s) == 0s);
  limit.take(2, 0s);
  CHECK(limit.free_at(1, 10s) == 10s);
  CHECK(limit.free_at(2, 10s) == 60s);
  limit.take(1, 10s);
  CHECK(limit.free_at(1, 20s) == 60s);
  CHECK(limit.free_at(3, 20s) == 70s);
  CHECK(limit.free_at(100, 20s) == 70s);  // counts as the limit; it could otherwise never be made
  CHECK(limit.free_at(2, 60s) == 60s);
}

TEST_CASE("the limit holds for any order of calls") {
  std::mt19937 random(7);
  RateLimit limit(10, 60s);
  std::vector<Duration> made;
  Duration now{};
  for (int i = 0; i < 3000; ++i) {
    now += std::chrono::milliseconds(random() % 3000);
    const unsigned calls = 1 + random() % 4;
    now = std::max(now, limit.free_at(calls, now));
    limit.take(calls, now);
    made.insert(made.end(), calls, now);
  }
  for (std::size_t i = 10; i < made.size(); ++i) REQUIRE(made[i] - made[i - 10] >= 60s);
}

TEST_CASE("a reading is noted once, and memory is bounded") {
  SentReadings sent;
  CHECK(sent.note(Time(5s)));
  CHECK_FALSE(sent.note(Time(5s)));
  CHECK(sent.note(Time(4s)));  // the clock may be set back
  CHECK_FALSE(sent.note(Time(4s)));
  for (int i = 10; i < 10'000; ++i) REQUIRE(sent.note(Time(std::chrono::seconds(i))));
  CHECK(sent.times().size() == SentReadings::limit);
  CHECK_FALSE(sent.note(Time(9'999s)));
}
