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

TEST_CASE("what only looks like a marker is a record") {
  for (const char* line :
       {"", "{}", "{\"@via\":}", "{\"@via\":1,\"a\":2}", "{\"@via\":1}x", "{\"@via\":-1}", "{\"@via\":\"1\"}",
        "{\"@via\":99999999999999999999}", "{\"a\":1,\"@via\":1}", "{\"@via\":1"})
    CHECK_FALSE(marker_in(line));
  CHECK_FALSE(marker_in("{\"@via\":1" + std::string(100, ' ') + "}"));
}
