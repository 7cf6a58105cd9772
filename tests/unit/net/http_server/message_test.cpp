#include "net/http_server/message.hpp"

#include "catch.hpp"

using namespace weir::web;

TEST_CASE("targets are taken apart and decoded") {
  Request request;
  REQUIRE(parse_target("/api/history?key=New%20York&field=a.b&since=2026-01-01T00%3A00&flag", request));
  CHECK(request.path == "/api/history");
  CHECK(request.parameter("key") == "New York");
  CHECK(request.parameter("since") == "2026-01-01T00:00");
  CHECK(request.parameter("flag") == "");
  CHECK_FALSE(request.parameter("none"));
  REQUIRE(parse_target("/a+b%2Bc", request));
  CHECK(request.path == "/a+b+c");
}

TEST_CASE("an invalid target is refused") {
  Request request;
  for (const char* bad : {"", "*", "http://x/", "/%", "/%4", "/%zz", "/%00", "/%ff", "/?a=%"})
    CHECK_FALSE(parse_target(bad, request));
}

TEST_CASE("forms: blanks, empty fields, too many") {
  const auto form = parse_form("email=ana%40example.org&city=New+York&city=&&x");
  REQUIRE(form);
  CHECK(*form == Fields{{"email", "ana@example.org"}, {"city", "New York"}, {"city", ""}, {"x", ""}});
  CHECK_FALSE(parse_form("a=1&b=2&c=3", 2));
}

TEST_CASE("percent encoding comes back") {
  const std::string text = "ä b&c=d/100%+~";
  CHECK(percent_encode("a b@x.org") == "a%20b%40x.org");
  CHECK(percent_decode(percent_encode(text), Plus::is_blank) == text);
}

TEST_CASE("base64") {
  CHECK(decode_base64("") == "");
  CHECK(decode_base64("YW5hOnNlY3JldA==") == "ana:secret");
  CHECK(decode_base64("YWJj") == "abc");
  CHECK(decode_base64("YWI=") == "ab");
  for (const char* bad : {"Y", "YW5", "YW5h=", "Y=5h", "YW5*", "===="}) CHECK_FALSE(decode_base64(bad));
}

TEST_CASE("the host of a Host header") {
  CHECK(host_of("Example.ORG:8080") == "example.org");
  CHECK(host_of("127.0.0.1") == "127.0.0.1");
  CHECK(host_of("[::1]:80") == "::1");
  CHECK(host_of("[::1").empty());
  CHECK(host_of("a b").empty());
}
