#include "net/influx/attempts.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "kept_log.hpp"

using namespace weir;
using namespace weir::influx;
using namespace std::chrono_literals;

TEST_CASE("pauses are at least as long as the server asks for") {
  KeptLog log;
  Attempts attempts(std::nullopt, "write to", log);
  CHECK(attempts.may_begin());
  CHECK(attempts.pause(-1ms) == 0ms);
  http::Response busy;
  busy.headers = {{"retry-after", "100"}};
  attempts.failed("503: busy", busy);
  CHECK_FALSE(attempts.may_begin());
  CHECK(attempts.pause(-1ms) > 60s);
  CHECK(attempts.pause(50ms) == 50ms);
  attempts.failed("503: busy", busy);
  CHECK(log.messages == std::vector<std::string>{"503: busy; trying again"});
}

TEST_CASE("a Retry-After that is none, and one in the past, leave the usual pause") {
  for (const char* text : {"soon", "-1", "Thu, 01 Jan 1970 00:00:00 GMT", "0"}) {
    KeptLog log;
    Attempts attempts(std::nullopt, "query", log);
    http::Response busy;
    busy.headers = {{"retry-after", text}};
    attempts.failed("429", busy);
    CHECK(attempts.pause(-1ms) <= 1s);
  }
}

TEST_CASE("no pause is longer than the time that attempts may take") {
  KeptLog log;
  Attempts attempts(2s, "write to", log);
  http::Response busy;
  busy.headers = {{"retry-after", "604800"}};
  attempts.failed("503: busy", busy);
  CHECK_FALSE(attempts.may_begin());
  CHECK(attempts.pause(-1ms) <= 2s);
}

TEST_CASE("attempts end, and what has succeeded begins anew") {
  KeptLog log;
  Attempts once(Duration::zero(), "query", log);
  CHECK_THROWS_WITH(once.failed("refused", {}), "cannot query the server: refused");
  Attempts long_time(1h, "query", log);
  long_time.failed("refused", {});
  long_time.succeeded();
  long_time.failed("refused again", {});
  CHECK(log.messages.back() == "refused again; trying again");
}
