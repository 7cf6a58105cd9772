#include "state/outbox.hpp"

#include "catch.hpp"
#include "saved_state.hpp"

using namespace weir;
using namespace weir::state;

TEST_CASE("an outbox comes back from a snapshot as it was") {
  Outbox outbox;
  outbox.add({"a/b", R"({"n":1})", 3, R"({"n":1})"});
  outbox.add({"c", "", 4, R"({"v":""})"});
  outbox.add({"c", "35.2", 5, R"({"v":35.2})"});
  const std::string bytes = test::saved_state(outbox);

  Outbox again;
  again.add({"old", "old", 1, "old"});
  test::load_state(again, bytes);
  REQUIRE(again.size() == 3);
  CHECK(again[0].target == "a/b");
  CHECK(again[0].payload == R"({"n":1})");
  CHECK(again[0].raw == again[0].payload);
  CHECK(again[0].line == 3);
  CHECK(again[1].payload.empty());
  CHECK(again[1].raw == R"({"v":""})");
  CHECK(again[2].target == "c");
  CHECK(again[2].payload == "35.2");
  CHECK(again[2].raw == R"({"v":35.2})");
  CHECK(again[2].line == 5);
  again.clear();
  CHECK(again.size() == 0);
}

TEST_CASE("an outbox that is cut off, or claims to be endless, is refused") {
  Outbox outbox;
  outbox.add({"a", "b", 1, "b"});
  const std::string bytes = test::saved_state(outbox);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_THROWS_AS(test::load_state(outbox, std::string_view(bytes).substr(0, size)), SnapshotError);
  std::string wild = bytes;
  wild.replace(0, 8, 8, '\xff');
  CHECK_THROWS_AS(test::load_state(outbox, wild), SnapshotError);
}

TEST_CASE("the id of a message") { CHECK(message_id("weather", 42, 7) == "weather-42-7"); }
