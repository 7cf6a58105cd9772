#include "readings.hpp"

#include <array>
#include <chrono>

#include "catch.hpp"

using namespace weir;
using namespace weir::kafka_sub;

namespace {

using namespace std::chrono_literals;
using clock = Reading::clock;

Time at(int seconds) { return Time(std::chrono::seconds(seconds)); }

}  // namespace

TEST_CASE("the watermark is the least of the partitions, but for idle and finished ones") {
  std::array<Place, 3> places{Place{0, Time::min()}, Place{0, Time::min()}, Place{0, Time::min()}};
  Readings readings;
  const clock::time_point begin{};
  for (int number = 0; number < 3; ++number)
    readings.add({"t", number}, places[static_cast<std::size_t>(number)], std::nullopt, begin);
  CHECK_FALSE(readings.oldest_front(10s, begin));
  places[0].newest = at(50);
  places[1].newest = at(30);
  CHECK_FALSE(readings.oldest_front(10s, begin));  // partition 2 may still have older ones
  readings.find("t", 2)->at_end = true;
  CHECK_FALSE(readings.oldest_front(10s, begin + 9s));
  CHECK(readings.oldest_front(10s, begin + 10s) == at(30));
  readings.find("t", 1)->finished = true;
  CHECK(readings.oldest_front(10s, begin + 10s) == at(50));
  readings.find("t", 0)->at_end = true;
  CHECK_FALSE(readings.oldest_front(10s, begin + 10s));  // all are idle
}

TEST_CASE("a partition is finished at its end, and at once where it is empty") {
  Place place{5, Time::min()};
  Place empty{7, Time::min()};
  Readings readings;
  Reading& reading = readings.add({"t", 0}, place, 8, {});
  CHECK(readings.add({"u", 0}, empty, 7, {}).finished);
  CHECK_FALSE(Readings::pass(reading, 7));
  CHECK_FALSE(readings.all_finished());
  CHECK(Readings::pass(reading, 8));
  CHECK_FALSE(Readings::pass(reading, 9));  // only once
  readings.note_finished();
  CHECK(readings.all_finished());
  place.newest = at(3);
  empty.newest = at(9);
  CHECK(readings.oldest_front(0s, {}) == at(9));
}

TEST_CASE("partitions are found by topic and number") {
  Place a, b;
  Readings readings;
  readings.add({"t", 1}, a, std::nullopt, {});
  readings.add({"u", 1}, b, std::nullopt, {});
  CHECK(readings.find("t", 1)->place == &a);
  CHECK(readings.find("u", 1)->place == &b);
  CHECK(readings.find("u", 1)->place == &b);
  CHECK(readings.find("u", 0) == nullptr);
}
