#include "time/duration.hpp"

#include "catch.hpp"

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("durations carry a unit") {
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("15s") == 15s);
  CHECK(parse_duration("1m") == 1min);
  CHECK(parse_duration("2h") == 2h);
  CHECK(parse_duration("1d") == 24h);
  CHECK(parse_duration("1w") == 168h);
  CHECK(parse_duration("1h30m") == 90min);
  CHECK(parse_duration("1.5h") == 90min);
  CHECK(parse_duration("0s") == 0s);
}

TEST_CASE("invalid durations") {
  for (const char* text :
       {"", "15", "0", "s", "-1s", "+1s", "1 s", "1x", "1.s", ".5s", "1s ", "1e3s", "300000d", "nans", "1h30"})
    CHECK_FALSE(parse_duration(text).has_value());
}

TEST_CASE("a duration is written so that it reads back") {
  CHECK(format_duration(90s) == "1m30s");
  CHECK(format_duration(0s) == "0s");
  CHECK(format_duration(7 * 24h) == "7d");
  for (const auto length : {Duration(1), Duration(1500ms), Duration(36h), Duration(1ns + 1us + 1ms)})
    CHECK(parse_duration(format_duration(length)) == length);
}

TEST_CASE("the longest durations read back as they are written") {
  const Duration longest = Duration::max();
  CHECK(parse_duration(format_duration(longest)) == longest);
  CHECK(parse_duration("106751d") == Duration(106'751LL * 86'400'000'000'000));
  CHECK_FALSE(parse_duration("106752d"));
}
