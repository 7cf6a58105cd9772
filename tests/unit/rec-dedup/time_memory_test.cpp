#include "time_memory.hpp"

#include <deque>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "catch.hpp"

using namespace weir;
using namespace weir::rec_dedup;
using namespace std::chrono_literals;

TEST_CASE("times of keys are there from when they come until they are forgotten, in that order") {
  TimeMemory memory(5000);
  std::deque<std::tuple<std::string, Time, Time>> turns;
  std::set<std::pair<std::string, Time>> there;
  std::mt19937 random(3);
  for (int i = 0; i < 50'000; ++i) {
    const Time now(1s * (i / 10));
    const int keys = i % 20'000 < 10'000 ? 5 : 3000;  // many keys for a while, which then become idle
    const std::string key = std::to_string(random() % static_cast<unsigned>(keys));
    const Time time = now - 1s * (random() % 4 == 0 ? random() % 100 : 0);
    const bool fresh = there.emplace(key, time).second;
    REQUIRE(memory.insert(key, time, now) == fresh);
    if (fresh) turns.emplace_back(key, time, now);
    while (!turns.empty() && (turns.size() > 2000 || std::get<2>(turns.front()) < now - 300s)) {
      REQUIRE(memory.first_stream_time() == std::get<2>(turns.front()));
      memory.forget_first();
      there.erase({std::get<0>(turns.front()), std::get<1>(turns.front())});
      turns.pop_front();
    }
    REQUIRE(memory.size() == turns.size());
  }
}
