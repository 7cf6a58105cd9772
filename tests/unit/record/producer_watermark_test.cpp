#include "record/producer_watermark.hpp"

#include <chrono>
#include <string>

#include "catch.hpp"

using namespace weir;

TEST_CASE("a producer's watermark reads back as it was written") {
  for (const ProducerWatermark& each :
       {ProducerWatermark{"minutes.3", Time(std::chrono::seconds(1'700'000'000)), false},
        ProducerWatermark{"a \"b\"", Time(std::chrono::nanoseconds(1)), true},
        ProducerWatermark{"new", Time::min(), true}}) {
    std::string text;
    append_producer_watermark(text, each);
    CHECK(may_be_watermark(text));
    const auto read = parse_producer_watermark(text);
    REQUIRE(read);
    CHECK(read->from == each.from);
    CHECK(read->time == each.time);
    CHECK(read->ended == each.ended);
  }
  std::string text;
  append_producer_watermark(text, {"p", Time(std::chrono::seconds(0)), false});
  CHECK(text == R"({"@ctl":"watermark","time":"1970-01-01T00:00:00Z","from":"p"})");
}

TEST_CASE("what is no producer's watermark is not read as one") {
  for (const char* text :
       {R"({"@ctl":"watermark"})", R"({"@ctl":"watermark","time":"soon","from":"p"})",
        R"({"@ctl":"watermark","time":5,"from":"p"})", R"({"@ctl":"watermark","time":"1970-01-01T00:00:00Z"})",
        R"({"@ctl":"watermark","time":"1970-01-01T00:00:00Z","from":""})", R"({"@ctl":"barrier","epoch":3})",
        R"({"@ctl":)", R"({"@ctl":"watermark","time":null,"from":"p"} x)"})
    CHECK_FALSE(parse_producer_watermark(text));
}
