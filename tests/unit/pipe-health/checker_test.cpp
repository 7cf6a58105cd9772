#include "checker.hpp"

#include "catch.hpp"

using namespace weir::pipe_health;
using namespace std::chrono_literals;

TEST_CASE("checks run side by side, and what they throw is their problem") {
  std::mutex mutex;
  std::condition_variable both;
  int here = 0;
  // Each waits for the other: one after the other they would never end.
  const auto meet = [&](const Deadline&) {
    std::unique_lock lock(mutex);
    ++here;
    both.notify_all();
    both.wait(lock, [&] { return here == 2; });
    return Result{.healthy = true};
  };
  const auto fail = [](const Deadline&) -> Result { throw std::runtime_error("Connection refused\nby it"); };
  Checker checker(
      {{parse_target("a=redis://x"), meet}, {parse_target("b=redis://x"), meet}, {parse_target("redis://y:1"), fail}},
      60s, 60s, Checker::Often::once);
  CHECK(checker.wait_for_all());
  const std::vector<State> states = checker.states();
  CHECK(states[0].result->healthy);
  CHECK(states[1].result->healthy);
  CHECK(states[2].result->problem ==
        "redis://y:1: Connection refused by it: is the server running, and is this its port?");
  CHECK(checker.stop());
}

TEST_CASE("a deadline is over when its time has passed") {
  const Deadline long_one(std::chrono::hours(1));
  CHECK(!long_one.is_over());
  long_one.check();
  const Deadline over(std::chrono::nanoseconds(1));
  while (!over.is_over()) continue;
  CHECK_THROWS_AS(over.check(), TimeIsUp);
  CHECK(over.left() == 0ms);
}
