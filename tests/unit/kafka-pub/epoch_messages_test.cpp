#include "epoch_messages.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

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
  EpochMessages next;
  kept.clear(next);
  CHECK(kept.size() == 0);
  CHECK(kept.bytes() == 0);
}

TEST_CASE("an epoch's messages are read while more of them come, and again from the first one") {
  EpochMessages kept;
  const std::string topic = "readings";
  kafka::Message message;
  message.topic = &topic;
  std::vector<std::string> lines;
  // Some are larger than a block of the memory.
  for (std::uint64_t i = 0; i < 3000; ++i)
    lines.push_back(std::to_string(i) + std::string(i % 1000 == 999 ? 3'000'000 : i % 2000, 'x'));
  const auto add = [&](std::uint64_t i) {
    message.payload = lines[i];
    kept.add(message, 100 + 2 * i, lines[i]);
  };
  const auto check = [&](EpochMessages& from, std::uint64_t i) {
    CHECK(from.message(i).payload == lines[i]);
    CHECK(*from.message(i).topic == topic);
    CHECK(from.message(i).number == i);
    CHECK(from.line(i) == 100 + 2 * i);
    CHECK(from.raw(i) == lines[i]);
  };
  for (std::uint64_t i = 0; i < 1500; ++i) add(i);
  for (std::uint64_t i = 0; i < 1500; ++i) check(kept, i);
  CHECK(kept.bytes_unread() == 0);
  add(1500);
  CHECK(kept.bytes_unread() > lines[1500].size());
  CHECK(kept.bytes_unread() < lines[1500].size() + 6);
  for (std::uint64_t i = 1501; i < 3000; ++i) add(i);
  EpochMessages other;
  std::swap(kept, other);
  for (std::uint64_t i = 1500; i < 3000; ++i) check(other, i);
  for (const std::uint64_t i : {0U, 2999U, 1U, 999U, 998U}) check(other, i);

  // The memory goes to the next epoch, which has begun.
  message.payload = "one";
  kept.add(message, 1, "one");
  other.clear(kept);
  CHECK(other.bytes() == 0);
  for (std::uint64_t i = 0; i < 3000; ++i) add(i);
  CHECK(kept.message(0).payload == "one");
  CHECK(kept.line(0) == 1);
  for (std::uint64_t i = 0; i < 3000; ++i) {
    CHECK(kept.message(i + 1).payload == lines[i]);
    CHECK(kept.line(i + 1) == 100 + 2 * i);
  }
  other.add(message, 7, lines.back());
  CHECK(other.line(0) == 7);
}

TEST_CASE("a message of 100 bytes takes 105 in an epoch at most") {
  EpochMessages kept;
  const std::string topic = "a topic with a long name", payload(100, 'x');
  kafka::Message message;
  message.topic = &topic;
  message.payload = payload;
  for (std::uint64_t i = 1; i <= 1000; ++i) kept.add(message, i, payload);
  CHECK(kept.bytes() <= 105 * 1000);
}

TEST_CASE("an epoch's payloads stay where they are until it is cleared") {
  EpochMessages gathered, sending;
  const std::string topic = "t";
  kafka::Message message;
  message.topic = &topic;
  std::vector<const char*> places;
  const auto add = [&](EpochMessages& to, int from, int until) {
    for (int i = from; i < until; ++i) {
      const std::string payload = std::to_string(i) + std::string(100, 'x');
      message.payload = payload;
      to.add(message, static_cast<std::uint64_t>(i), payload);
    }
  };
  add(gathered, 0, 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(gathered.message(i).lasting);
    places.push_back(gathered.message(i).payload->data());
  }
  add(gathered, 10, 20'000);
  std::swap(gathered, sending);
  add(gathered, 0, 20'000);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(sending.message(i).payload->data() == places[i]);
    CHECK(sending.message(i).payload->substr(0, 2) == std::to_string(i) + "x");
  }
}
