#include "net/mqtt/settings.hpp"

#include "catch.hpp"

using namespace weir::mqtt;

TEST_CASE("a topic to publish to has no wildcard, no NUL, and is UTF-8 of 1 to 65,535 bytes") {
  CHECK(is_topic("weather/readings"));
  CHECK(is_topic("a//b"));
  CHECK(is_topic("stadt/München"));
  CHECK(is_topic(std::string(65535, 'a')));
  CHECK_FALSE(is_topic(std::string(65536, 'a')));
  CHECK_FALSE(is_topic(""));
  CHECK_FALSE(is_topic("a/+"));
  CHECK_FALSE(is_topic("a/#"));
  CHECK_FALSE(is_topic(std::string("a\0b", 3)));
  CHECK_FALSE(is_topic("a\xff"));
}

TEST_CASE("a filter may have wildcards where MQTT allows them") {
  CHECK(is_topic_filter("#"));
  CHECK(is_topic_filter("+/b/#"));
  CHECK(is_topic_filter("$share/group/a/+"));
  CHECK_FALSE(is_topic_filter("a+"));
  CHECK_FALSE(is_topic_filter("a/#/b"));
  CHECK_FALSE(is_topic_filter(""));
  CHECK_FALSE(is_topic_filter("\xc3"));
}
