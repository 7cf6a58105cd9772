#include "kept_messages.hpp"

#include <chrono>
#include <string>

#include "catch.hpp"

using namespace weir;
using namespace weir::kafka_pub;

TEST_CASE("an epoch's messages come out as they were put in") {
  EpochMessages kept;
  const std::string topic = "t", other = "other";
  const kafka::Header headers[] = {{"a", "1"}, {"b", ""}};
  kafka::Message message;
  message.topic = &topic;
  message.payload = "line";
  kept.add(message, 7, "line");
  message.topic = &other;
  message.key = "";
  message.payload = "value";
  message.headers = headers;
  message.timestamp = std::chrono::milliseconds(5);
  kept.add(message, 8, "the record");
  message.payload.reset();
  message.headers = {};
  kept.add(message, 9, "a tombstone's record");
  REQUIRE(kept.size() == 3);

  const kafka::Message& first = kept.message(0);
  CHECK(*first.topic == "t");
  CHECK_FALSE(first.key);
  CHECK(first.payload == "line");
  CHECK_FALSE(first.timestamp);
  CHECK(kept.raw(0) == "line");
  CHECK(kept.line(0) == 7);

  const kafka::Message& second = kept.message(1);
  CHECK(*second.topic == "other");
  CHECK(second.key == "");
  CHECK(second.payload == "value");
  CHECK(second.timestamp == std::chrono::milliseconds(5));
  REQUIRE(second.headers.size() == 2);
  CHECK(second.headers[0].name == "a");
  CHECK(second.headers[0].value == "1");
  CHECK(second.headers[1].value.empty());
  CHECK(second.number == 1);
  CHECK(kept.raw(1) == "the record");

  CHECK_FALSE(kept.message(2).payload);
  CHECK(kept.raw(2) == "a tombstone's record");
  kept.clear();
  CHECK(kept.size() == 0);
  CHECK(kept.bytes() == 0);
}

TEST_CASE("numbers of records in flight are used again") {
  InFlightRecords records;
  const auto first = records.keep(1, "a", "t");
  const auto second = records.keep(2, "b", "");
  CHECK(first != second);
  records.release(first);
  CHECK(records.keep(3, "c", "u") == first);
  CHECK(records[first].line == 3);
  CHECK(records[first].topic == "u");
  CHECK(records[second].raw == "b");
}
