#include "marker.hpp"
#include "catch.hpp"

using namespace weir;
using namespace weir::pipe_via;

TEST_CASE("a marker comes back as it went, and with the blanks that programs put into it") {
  std::string line;
  append_marker(line, 41);
  CHECK(line == "{\"@via\":41}\n");
  CHECK(marker_in("{\"@via\":41}") == 41U);
  CHECK(marker_in("{ \"@via\" : 41 }\r") == 41U);
  CHECK(marker_in("{\"@via\": 0}") == 0U);
}

TEST_CASE("a line that only looks like a marker is a record") {
  for (const char* line :
       {"", "{}", "{\"@via\":}", "{\"@via\":1,\"a\":2}", "{\"@via\":1}x", "{\"@via\":-1}", "{\"@via\":\"1\"}",
        "{\"@via\":99999999999999999999}", "{\"a\":1,\"@via\":1}", "{\"@via\":1"})
    CHECK_FALSE(marker_in(line));
  CHECK_FALSE(marker_in("{\"@via\":1" + std::string(100, ' ') + "}"));
}

TEST_CASE("markers come back in their order, each with its control line") {
  Markers markers;
  const Markers::Clock::time_point now{};
  CHECK(markers.add("first", now) == 1);
  CHECK(markers.add("", now) == 2);
  CHECK(markers.add("third", now) == 3);
  CHECK(markers.first() == 1);
  CHECK(markers.pass(1) == "first");
  CHECK(markers.pass(2).empty());
  CHECK_THROWS_WITH(markers.pass(4), contains_text("out of order"));
  CHECK(markers.count() == 1);
  CHECK(markers.drop_all() == "third\n");
  CHECK(markers.empty());
  CHECK_THROWS_WITH(markers.pass(3), contains_text("out of order"));
}

TEST_CASE("the time of a marker begins with the first one that is awaited") {
  using std::chrono::seconds;
  Markers markers;
  const Markers::Clock::time_point start{};
  markers.add("a", start + seconds(5));
  CHECK(markers.last_move() == start + seconds(5));
  markers.add("b", start + seconds(7));
  CHECK(markers.last_move() == start + seconds(5));
  markers.note_move(start + seconds(8));
  CHECK(markers.last_move() == start + seconds(8));
}
