#include "time/back_off.hpp"

#include <algorithm>
#include <set>

#include "catch.hpp"

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("pauses double up to the cap, and their upper half is random") {
  BackOff back_off(1s, 60s, 1);
  for (int round = 0; round < 1000; ++round) {
    for (unsigned n = 1; n <= 12; ++n) {
      const Duration whole = std::min<Duration>(1s * (1 << (n - 1)), 60s);
      const Duration pause = back_off.pause(n);
      REQUIRE(pause >= whole / 2);
      REQUIRE(pause <= whole);
    }
  }
  std::set<Duration> seen;
  for (int i = 0; i < 100; ++i) seen.insert(back_off.pause(5));
  CHECK(seen.size() > 90);
  CHECK(BackOff(1s, 60s, 1).pause(4'000'000'000U) <= 60s);

  BackOff in_a_row(1s, 60s, 2);
  CHECK(in_a_row.next() <= 1s);
  CHECK(in_a_row.next() >= 1s);
  CHECK(in_a_row.next() >= 2s);
  in_a_row.reset();
  CHECK(in_a_row.next() <= 1s);
}
