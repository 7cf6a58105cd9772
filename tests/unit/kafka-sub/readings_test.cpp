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

TEST_CASE("a place beyond the end is not finished: the brokers may not have it") {
  Place place{7, Time::min()};
  Readings readings;
  Reading& reading = readings.add({"t", 0}, place, 5, {});
  CHECK_FALSE(readings.all_finished());
  CHECK(Readings::pass(reading, 7));
}

TEST_CASE("partitions point into a position that has grown") {
  Position position;
  position.places["t"].resize(1);
  Readings readings;
  readings.add({"t", 0}, position.at({"t", 0}), std::nullopt, {});
  CHECK(position.has({"t", 0}));
  CHECK_FALSE(position.has({"t", 1}));
  CHECK_FALSE(position.has({"u", 0}));
  position.places["t"].resize(100);
  readings.point_into(position);
  CHECK(readings.find("t", 0)->place == &position.places["t"].front());
}

TEST_CASE("the least promise of the producers, over the partitions") {
  std::array<Place, 2> places{Place{0, Time::min()}, Place{0, Time::min()}};
  Readings readings;
  readings.add({"t", 0}, places[0], std::nullopt, {});
  readings.add({"t", 1}, places[1], std::nullopt, {});
  const auto take = [&](std::size_t place, const char* from, Time time, bool ended = false) {
    return places.at(place).take({from, time, ended}, 2);
  };
  CHECK_FALSE(readings.least_promise(2));
  CHECK(take(0, "a", at(10)));
  CHECK(take(1, "a", at(10)));
  CHECK_FALSE(readings.least_promise(2));  // b may have older rows
  CHECK(take(0, "b", at(30)));
  CHECK_FALSE(readings.least_promise(2));  // and has told only one partition
  CHECK(take(1, "b", at(20)));
  CHECK(readings.least_promise(2) == at(10));
  CHECK(take(0, "a", at(5)));  // never goes back
  CHECK(take(1, "a", at(40)));
  CHECK(readings.least_promise(2) == at(10));
  CHECK(take(0, "a", at(40)));
  CHECK(readings.least_promise(2) == at(20));
  CHECK_FALSE(take(0, "c", at(99)));  // one more than two
  CHECK(take(1, "b", at(20), true));
  CHECK(readings.least_promise(2) == at(30));  // b has ended in one partition: there a alone counts
  CHECK(take(0, "b", at(30), true));
  CHECK(readings.least_promise(2) == at(40));
  CHECK(take(0, "a", at(50), true));
  CHECK(take(1, "a", at(50), true));
  CHECK(readings.least_promise(2) == at(50));  // all have ended
  CHECK(take(0, "b", Time::min()));            // one has begun again
  CHECK(readings.least_promise(2) == at(30));
}
