#include "topic_template.hpp"

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::mqtt_pub;

namespace {

/// The topic of a record, or `rejected: reason`.
std::string topic_of(const std::string& text, const std::string& line) {
  FieldSet fields;
  const TopicTemplate topic_template(text, fields);
  RecordParser parser(fields);
  const Record* record = parser.parse_copy(line, 1);
  REQUIRE(record != nullptr);
  std::string topic = "left over";
  const Verdict verdict = topic_template.render(*record, topic);
  return verdict.rejected() ? "rejected: " + verdict.reason() : topic;
}

void refuse(const std::string& text) {
  FieldSet fields;
  CHECK_THROWS_AS(TopicTemplate(text, fields), std::invalid_argument);
}

}  // namespace

TEST_CASE("a topic without fields is the same for every record") {
  CHECK(topic_of("weather/readings", R"({"a":1})") == "weather/readings");
  FieldSet fields;
  CHECK(TopicTemplate("weather", fields).is_fixed());
  CHECK_FALSE(TopicTemplate("weather/{city}", fields).is_fixed());
}

TEST_CASE("fields fill a topic as they stand in the record") {
  CHECK(topic_of("alerts/{city}", R"({"city":"Athens"})") == "alerts/Athens");
  CHECK(topic_of("{a}{b}/{a}", R"({"a":1.50,"b":true})") == "1.50true/1.50");
  CHECK(topic_of("{location.room}/t", R"({"location":{"room":"K\u00fcche"}})") == "Küche/t");
  CHECK(topic_of(R"({a\.b})", R"({"a.b":"x","a":{"b":"y"}})") == "x");
  CHECK(topic_of("a/{path}", R"({"path":"b/c"})") == "a/b/c");
}

TEST_CASE("a default stands in for a missing or null field, and only for it") {
  CHECK(topic_of("sensors/{plantId:-default}", R"({"x":1})") == "sensors/default");
  CHECK(topic_of("sensors/{plantId:-default}", R"({"plantId":null})") == "sensors/default");
  CHECK(topic_of("sensors/{plantId:-default}", R"({"plantId":"p1"})") == "sensors/p1");
  CHECK(topic_of("s/{a:-b:-c}", R"({})") == "s/b:-c");
  CHECK(topic_of("s/{a}", R"({"a":null})") == "rejected: a is in the topic and is missing");
}

TEST_CASE("values that no topic can hold are rejected") {
  CHECK(topic_of("s/{a}", R"({"a":"x+y"})") == "rejected: a is in the topic and holds '+', '#' or NUL");
  CHECK(topic_of("s/{a}", R"({"a":"#"})") == "rejected: a is in the topic and holds '+', '#' or NUL");
  CHECK(topic_of("s/{a}", R"({"a":"x\u0000y"})") == "rejected: a is in the topic and holds '+', '#' or NUL");
  CHECK(topic_of("s/{a:-d}", R"({"a":""})") == "rejected: a is in the topic and is empty");
  CHECK(topic_of("s/{a}", R"({"a":{"b":1}})") == "rejected: a is in the topic and is not a plain value");
  CHECK(topic_of("s/{a}", R"({"a":[1]})") == "rejected: a is in the topic and is not a plain value");
  CHECK(topic_of("{a}", "{\"a\":\"" + std::string(65536, 'x') + "\"}") ==
        "rejected: the topic is longer than 65535 bytes");
  CHECK(topic_of("{a}", "{\"a\":\"" + std::string(65535, 'x') + "\"}") == std::string(65535, 'x'));
}

TEST_CASE("braces themselves are doubled") { CHECK(topic_of("a{{b}}/{c}", R"({"c":1})") == "a{b}/1"); }

TEST_CASE("an invalid template is refused at once") {
  refuse("");
  refuse("a/+/b");
  refuse("a/#");
  refuse("a/{city");
  refuse("a/city}");
  refuse("a/{}");
  refuse("a/{:-x}");
  refuse("a/{b:-}");
  refuse("a/{b:-+}");
  refuse("a/{b..c}");
  refuse("\xff");
  refuse(std::string("a\0b", 3));
}
