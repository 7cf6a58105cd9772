#include "message_maker.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::kafka_pub;

namespace {

/// A message as text: `topic key payload time header=value…`, or `rejected: reason`.
std::string made(const Form& form, const std::string& line) {
  FieldSet fields;
  MessageMaker maker(form, fields);
  RecordParser parser(fields);
  const Record* record = parser.parse_copy(line, 1);
  REQUIRE(record != nullptr);
  if (const Verdict verdict = maker.make(*record); verdict.rejected()) return "rejected: " + verdict.reason();
  const kafka::Message& message = maker.message();
  std::string text = *message.topic + ' ' + std::string(message.key.value_or("-")) + ' ' +
                     std::string(message.payload.value_or("tombstone"));
  if (message.timestamp) text += ' ' + std::to_string(message.timestamp->count());
  for (const kafka::Header& header : message.headers) text += ' ' + header.name + '=' + std::string(header.value);
  return text;
}

std::string problem(const Form& form) {
  FieldSet fields;
  try {
    const MessageMaker maker(form, fields);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a message is the record's line, with a key only where one is asked for") {
  CHECK(made({.topic = "t"}, R"({"a":1.50})") == R"(t - {"a":1.50})");
  CHECK(made({.topic = "t", .key = "a"}, R"({"a":1.50})") == R"(t 1.50 {"a":1.50})");
  CHECK(made({.topic = "t", .key = "{p}/{s:-x}"}, R"({"p":"1"})") == R"(t 1/x {"p":"1"})");
}

TEST_CASE("topics are filled in, and are Kafka's") {
  CHECK(made({.topic = "sensors.raw.{plantId:-default}"}, R"({})") == "sensors.raw.default - {}");
  CHECK(made({.topic = "a.{k}"}, R"({"k":"p-1_2"})") == R"(a.p-1_2 - {"k":"p-1_2"})");
  CHECK(made({.topic = "a.{k}"}, R"({"k":"two words"})") ==
        "rejected: the topic would be 'a.two words': Kafka takes letters, digits, '.', '_' and '-'");
  CHECK(made({.topic = "{k}"}, "{\"k\":\"" + std::string(250, 'x') + "\"}") ==
        "rejected: the topic is longer than 249 bytes");
  CHECK(made({.topic = "{k}"}, R"({"k":""})") == "rejected: k is in the topic and is empty");
  CHECK(problem({.topic = "a b"}).starts_with("--topic: 'a b' cannot be part of a topic"));
  CHECK(problem({.topic = "{k:-a/b}"}).starts_with("--topic: 'a/b' cannot be part of a topic"));
}

TEST_CASE("no record becomes a marker of an epoch") {
  FieldSet fields;
  MessageMaker maker({.topic = "{k}"}, fields, "weir-epochs");
  RecordParser parser(fields);
  CHECK(maker.make(*parser.parse_copy(R"({"k":"weir-epochs"})", 1)).reason() ==
        "the topic weir-epochs is that of pipelines' epochs");
  FieldSet others;
  MessageMaker other({.topic = "{k}"}, others, "marks");  // the default is that of other pipelines
  RecordParser reader(others);
  for (const char* const topic : {"marks", "weir-epochs"})
    CHECK(other.make(*reader.parse_copy(fmt::format(R"({{"k":"{}"}})", topic), 1)).reason() ==
          fmt::format("the topic {} is that of pipelines' epochs", topic));
  CHECK_FALSE(maker.make(*parser.parse_copy(R"({"k":"weir-epoch"})", 2)).rejected());
}

TEST_CASE("a payload is a field's value, a text with fields, or a tombstone where it is missing") {
  CHECK(made({.topic = "t", .payload = "v"}, R"({"v":"a\nb"})") == "t - a\nb");
  CHECK(made({.topic = "t", .payload = "v"}, R"({"v":{"x": 1}})") == R"(t - {"x": 1})");
  CHECK(made({.topic = "t", .payload = "{k}={v}"}, R"({"k":"a","v":2})") == "t - a=2");
  CHECK(made({.topic = "t", .payload = "v"}, R"({"v":null})") ==
        "rejected: v is the payload and is missing (--tombstone sends a tombstone)");
  CHECK(made({.topic = "t", .key = "k", .payload = "v", .without = NoPayload::tombstone}, R"({"k":"a","v":null})") ==
        "t a tombstone");
  const Form text{.topic = "t", .key = "k", .payload = "{v}/{w:-1}", .without = NoPayload::tombstone};
  CHECK(made(text, R"({"k":"a","v":2})") == "t a 2/1");
  CHECK(made(text, R"({"k":"a","w":2})") == "t a tombstone");
  CHECK(made(text, R"({"k":"a","v":[]})").starts_with("rejected: v is in the payload"));
}

TEST_CASE("the timestamp is the record's, in milliseconds") {
  CHECK(made({.topic = "t", .payload = "v", .time_field = "at"}, R"({"v":1,"at":"2026-01-01T00:00:00.1239Z"})") ==
        "t - 1 1767225600123");
  CHECK(made({.topic = "t", .time_field = "at"}, R"({"at":"soon"})") ==
        "rejected: at is the message's timestamp and is not a time");
  CHECK(made({.topic = "t", .payload = "v", .time_field = "at"}, R"({"v":1,"at":"1970-01-01T00:00:00.001Z"})") ==
        "t - 1 1");
  for (const char* early : {R"({"at":"1970-01-01T00:00:00Z"})", R"({"at":"1969-12-31T23:59:59Z"})"})
    CHECK(made({.topic = "t", .time_field = "at"}, early) ==
          "rejected: at is the message's timestamp and is not after 1970-01-01T00:00:00Z");
}

TEST_CASE("a topic has a name that Kafka can have") {
  CHECK(is_topic("sensors.raw_1-x"));
  for (const char* name : {"", ".", "..", "a b", "a/b", "{t}", "é"}) CHECK_FALSE(is_topic(name));
  CHECK_FALSE(is_topic(std::string(250, 'x')));
}

TEST_CASE("headers without their field are left out") {
  const Form form{
      .topic = "t", .headers = {"content-type=application/json", "trace={traceparent}", "n={a}-{b}"}, .payload = "a"};
  CHECK(made(form, R"({"a":1,"b":2})") == "t - 1 content-type=application/json n=1-2");
  CHECK(made(form, R"({"a":1,"traceparent":"00-1"})") == "t - 1 content-type=application/json trace=00-1");
  CHECK(problem({.topic = "t", .headers = {"=x"}}) == "--header '=x': it takes NAME=VALUE");
}

TEST_CASE("the fields that options name are known, to watch for misspelt ones") {
  FieldSet fields;
  const MessageMaker maker({.topic = "a.{x}", .key = "k", .headers = {"h={y}"}, .payload = "p", .time_field = "at"},
                           fields);
  std::string text;
  for (const NamedField& each : maker.named_fields()) text += each.use + ' ' + each.path + '\n';
  CHECK(text == "--topic x\n--message-key k\n--payload p\n--timestamp at\n--header y\n");
  CHECK_FALSE(maker.fixed_topic());
}
