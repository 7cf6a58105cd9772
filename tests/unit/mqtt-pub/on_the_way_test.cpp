#include "catch.hpp"
#include "mqtt_pub.hpp"

using weir::mqtt_pub::OnTheWay;

TEST_CASE("records on their way are found by their message, whatever the order of the answers") {
  OnTheWay way(3);
  for (int round = 0; round < 5; ++round) {
    const int id = round * 3;
    way.add(id, 1, "a");
    way.add(id + 1, 2, "b");
    way.add(id + 2, 3, "c");
    const auto* second = way.take(id + 1);
    REQUIRE(second != nullptr);
    CHECK(second->line == 2);
    CHECK(second->raw == "b");
    CHECK(way.take(id + 1) == nullptr);
    CHECK(way.take(id + 99) == nullptr);
    REQUIRE(way.take(id) != nullptr);
    const auto* third = way.take(id + 2);
    REQUIRE(third != nullptr);
    CHECK(third->raw == "c");
  }
}
