#include "in_flight.hpp"

#include "catch.hpp"

using weir::mqtt_pub::InFlight;
using weir::mqtt_pub::Pack;

TEST_CASE("messages in flight are found by their id, whatever the order of the answers") {
  InFlight in_flight(3);
  for (int round = 0; round < 5; ++round) {
    const int id = round * 3;
    in_flight.add(id, 1, "a");
    in_flight.add(id + 1, 2, "b");
    in_flight.add(id + 2, 3, "c");
    const auto* second = in_flight.take(id + 1);
    REQUIRE(second != nullptr);
    CHECK(second->number == 2);
    CHECK(second->raw == "b");
    CHECK(in_flight.take(id + 1) == nullptr);
    CHECK(in_flight.take(id + 99) == nullptr);
    REQUIRE(in_flight.take(id) != nullptr);
    const auto* third = in_flight.take(id + 2);
    REQUIRE(third != nullptr);
    CHECK(third->raw == "c");
  }
}

TEST_CASE("a message in flight keeps the records of its pack, and none of the one before in its place") {
  InFlight in_flight(1);
  const Pack::Part parts[] = {{4, 1, 2}, {5, 4, 2}};
  in_flight.add(1, 0, "[{},{}]", parts);
  const auto* packed = in_flight.take(1);
  REQUIRE(packed != nullptr);
  REQUIRE(packed->parts.size() == 2);
  CHECK(packed->parts[1].line == 5);
  for (int i = 2; i < 5; ++i) {
    in_flight.add(i, 6, "{}");
    const auto* single = in_flight.take(i);
    REQUIRE(single != nullptr);
    CHECK(single->parts.empty());
  }
}
