#include "in_flight.hpp"

#include "catch.hpp"

using weir::mqtt_pub::InFlight;

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
