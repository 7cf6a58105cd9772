#include "marker.hpp"
#include "catch.hpp"

using namespace weir;
using namespace weir::pipe_via;

TEST_CASE("a marker comes back as it went, and in any spelling of it") {
  MarkerFormat format("5ec3e7");
  std::string line;
  format.append(line, 41);
  CHECK(line == "{\"@via\":\"5ec3e7-41\"}\n");
  CHECK(format.number_in("{\"@via\":\"5ec3e7-41\"}") == 41U);
  CHECK(format.number_in("{ \"@via\" : \"5ec3e7-41\" }\r") == 41U);
  CHECK(format.number_in("{\"\\u0040via\": \"5ec3e7-0\"}") == 0U);
}

TEST_CASE("a line that only looks like a marker is a record") {
  MarkerFormat format("5ec3e7");
  for (const char* line :
       {"", "{}", "5ec3e7-1", "{\"@via\":1}", "{\"@via\":\"1\"}", "{\"@via\":\"5ec3e8-1\"}", "{\"@via\":\"5ec3e7-\"}",
        "{\"@via\":\"5ec3e7-1\",\"a\":2}", "{\"@via\":\"5ec3e7-1\"}x", "{\"@via\":\"5ec3e7--1\"}",
        "{\"@via\":\"5ec3e7-1e0\"}", "{\"@via\":\"5ec3e7-99999999999999999999\"}", "{\"@via\":[\"5ec3e7-1\"]}",
        "{\"via\":\"5ec3e7-1\"}", "{\"@via\":\"5ec3e7-1\"", "{\"@via\":\"5ec3e7-1\",\"@via\":\"5ec3e7-1\"}"}) {
    CAPTURE(line);
    CHECK_FALSE(format.number_in(line));
  }
  CHECK_FALSE(format.number_in("{\"@via\":\"5ec3e7-1\"" + std::string(600, ' ') + "}"));
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
