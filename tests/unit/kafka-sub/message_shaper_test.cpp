#include "message_shaper.hpp"

#include <string>

#include "catch.hpp"

using namespace weir;
using namespace weir::kafka_sub;

namespace {

kafka::ReceivedMessage message_of(std::optional<std::string_view> payload) {
  kafka::ReceivedMessage message;
  message.topic = "t";
  message.partition = 2;
  message.offset = 41;
  message.timestamp_ms = 1'767'225'600'123;
  message.key = "k\"1";
  message.payload = payload;
  message.headers = {{"h", "v"}, {"bytes", "\xff"}};
  return message;
}

std::string shaped(Shape shape, std::optional<std::string_view> payload, Time now = {}) {
  MessageShaper shaper(std::move(shape));
  std::string out;
  const Verdict verdict = shaper.write(message_of(payload), now, out);
  return verdict.rejected() ? "rejected: " + verdict.reason() : out;
}

}  // namespace

TEST_CASE("a payload that is an object is the record") {
  CHECK(shaped({}, R"({"a":1.50, "b":"x"})") == "{\"a\":1.50, \"b\":\"x\"}\n");
  CHECK(shaped({}, "{\"a\":\n1}") == "{\"a\":1}\n");
  CHECK(shaped({}, "21.5").starts_with("rejected: "));
  CHECK(shaped({}, R"({"\u0040ctl":"end"})").starts_with("rejected: "));
  CHECK(shaped({}, std::nullopt) == "rejected: it is a tombstone: its payload is null (--envelope shows it)");
  CHECK(shaped({.max_line = 5}, R"({"a":1})") == "rejected: the payload is longer than --max-line");
}

TEST_CASE("what a message has besides its payload becomes fields") {
  CHECK(shaped({.meta = {"partition", "offset as n", "timestamp as sent", "key", "headers"}}, R"({"a":1,"n":0})") ==
        "{\"a\":1,\"n\":41,\"partition\":2,\"sent\":\"2026-01-01T00:00:00.123Z\",\"key\":\"k\\\"1\",\"headers\":{\"h\":"
        "\"v\",\"bytes\":\"/w==\"}}\n");
  CHECK_THROWS_AS(MessageShaper({.meta = {"ofset"}}), std::invalid_argument);
}

TEST_CASE("headers of one name are an array of their values") {
  kafka::ReceivedMessage message = message_of(R"({"n":1})");
  message.headers = {{"b", "1"}, {"a", "x"}, {"b", "2"}, {"c", ""}, {"b", "1"}};
  MessageShaper shaper({.meta = {"headers"}});
  std::string out;
  CHECK_FALSE(shaper.write(message, {}, out).rejected());
  CHECK(out == "{\"n\":1,\"headers\":{\"b\":[\"1\",\"2\",\"1\"],\"a\":\"x\",\"c\":\"\"}}\n");
  message.headers.clear();
  out.clear();
  CHECK_FALSE(shaper.write(message, {}, out).rejected());
  CHECK(out == "{\"n\":1,\"headers\":{}}\n");
}

TEST_CASE("an envelope holds every payload") {
  const Shape envelope{.wrap = Shape::Wrap::envelope};
  const std::string head =
      R"({"topic":"t","partition":2,"offset":41,"timestamp":"2026-01-01T00:00:00.123Z","key":"k\"1","headers":{"h":"v","bytes":"/w=="},"payload)";
  CHECK(shaped(envelope, R"({"a":1})") == head + "\":{\"a\":1}}\n");
  CHECK(shaped(envelope, "21.5") == head + "\":21.5}\n");
  CHECK(shaped(envelope, "text") == head + "\":\"text\"}\n");
  CHECK(shaped(envelope, std::nullopt) == head + "\":null}\n");
  CHECK(shaped(envelope, "\xff") == head + "_base64\":\"/w==\"}\n");
  CHECK(shaped({.wrap = Shape::Wrap::others}, "21.5") == "{\"topic\":\"t\",\"payload\":21.5}\n");
}

TEST_CASE("the time of a record is read for watermarks, and compared with the clock") {
  const Time now = Time(std::chrono::seconds(1'767'225'600));
  Shape shape;
  shape.time.reads_always = true;
  MessageShaper shaper(shape);
  std::string out;
  REQUIRE_FALSE(shaper.write(message_of(R"({"ts":"2026-01-01T00:00:01Z"})"), now, out).rejected());
  CHECK(shaper.time() == now + std::chrono::seconds(1));
  REQUIRE_FALSE(shaper.write(message_of(R"({"a":1})"), now, out).rejected());
  CHECK_FALSE(shaper.time());
  shape.time.max_future = std::chrono::days(1);
  CHECK(shaped(shape, R"({"ts":"2036-01-01T00:00:00Z"})", now).starts_with("rejected: ts "));
}
