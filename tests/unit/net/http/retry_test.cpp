#include "net/http/retry.hpp"

#include <set>

#include "catch.hpp"
#include "time/timestamp.hpp"

using namespace weir;
using namespace std::chrono_literals;
using http::parse_retry_after;

namespace {

Time at(const char* text) { return TimeParser().parse(text).value(); }

}  // namespace

TEST_CASE("Retry-After in seconds") {
  const Time now = at("2026-01-01T00:00:00Z");
  CHECK(parse_retry_after("0", now) == 0s);
  CHECK(parse_retry_after("120", now) == 120s);
  CHECK(parse_retry_after(" 7 ", now) == 7s);
  CHECK(parse_retry_after("99999999999999999999999", now) == 24h * 7);
  CHECK(parse_retry_after("604801", now) == 24h * 7);
}

TEST_CASE("Retry-After as each of HTTP's three dates") {
  const Time now = at("1994-11-06T08:49:00Z");
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == 37s);
  CHECK(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", now) == 37s);
  CHECK(parse_retry_after("Sun Nov  6 08:49:37 1994", now) == 37s);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:48:00 GMT", now) == 0s);
  CHECK(parse_retry_after("Sun, 06 Nov 2094 08:49:37 GMT", now) == 24h * 7);
}

TEST_CASE("an invalid Retry-After counts as none") {
  const Time now = at("2026-01-01T00:00:00Z");
  for (const char* bad : {"", " ", "-5", "1.5", "soon", "12s", "0x10", "::", "Sun, 99 Nov 1994 08:49:37 GMT"})
    CHECK_FALSE(parse_retry_after(bad, now).has_value());
  CHECK_FALSE(parse_retry_after(std::string(1000, '1'), now).has_value());
}
