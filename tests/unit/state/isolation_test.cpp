#include "state/isolation.hpp"

#include "catch.hpp"

using namespace weir::state;

TEST_CASE("an isolation comes back from its text") {
  const auto read =
      read_isolation(to_text({.epoch = 41, .lines = 16, .set_aside = 2, .reason = "jq (stage 2): exit 5"}));
  REQUIRE(read);
  CHECK(read->epoch == 41);
  CHECK(read->lines == 16);
  CHECK(read->set_aside == 2);
  CHECK(read->reason == "jq (stage 2): exit 5");
}

TEST_CASE("a text that is not an isolation's is none") {
  for (const char* text : {"", "41", "41 1", "41 1 2", "x 1 2 r", "41 0 2 r", "41  1 2 r", "-1 1 2 r"})
    CHECK_FALSE(read_isolation(text));
}

TEST_CASE("epochs grow again by sixteen after every sixteen, until they are the usual ones") {
  const Isolation one{.lines = 1};
  CHECK(one.lines_of(0) == 1U);
  CHECK(one.lines_of(15) == 1U);
  CHECK(one.lines_of(16) == 16U);
  CHECK(one.lines_of(47) == 256U);
  CHECK(one.lines_of(48) == 4096U);
  CHECK_FALSE(one.lines_of(64));
  CHECK_FALSE(one.lines_of(UINT64_MAX));
  const Isolation most{.lines = most_isolated_lines};
  CHECK(most.lines_of(15) == 4096U);
  CHECK_FALSE(most.lines_of(16));
}
