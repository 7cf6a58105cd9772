#include "net/kafka/gathered.hpp"

#include <string>
#include <string_view>

#include "catch.hpp"

using weir::kafka::Gathered;
using weir::kafka::Message;

namespace {

/// The payload that the library is handed.
std::string_view payload_of(const rd_kafka_message_t& message) {
  return {static_cast<const char*>(message.payload), message.len};
}

}  // namespace

TEST_CASE("a lasting payload is handed over where it is, another one as a copy") {
  const std::string text = "21.5";
  Message message;
  message.key = "k";
  message.payload = text;
  for (const bool lasting : {false, true}) {
    CAPTURE(lasting);
    message.lasting = lasting;
    Gathered gathered;
    gathered.add(message);
    REQUIRE(gathered.left().size() == 1);
    CHECK(gathered.last() == lasting);
    CHECK(payload_of(gathered.left()[0]) == text);
    CHECK((payload_of(gathered.left()[0]).data() == text.data()) == lasting);
  }
}

TEST_CASE("lasting and other payloads are handed over by calls of their own") {
  const std::string text = "21.5";
  Message message;
  message.payload = text;
  Gathered gathered;
  gathered.add(message);
  CHECK_FALSE(gathered.is_full_for(message));
  message.lasting = true;
  CHECK(gathered.is_full_for(message));
  gathered.remove_first(1);
  CHECK_FALSE(gathered.is_full_for(message));
}

TEST_CASE("a lasting tombstone and a lasting empty payload are not the same") {
  Message message;
  message.lasting = true;
  Gathered gathered;
  gathered.add(message);
  message.payload = "";
  gathered.add(message);
  CHECK(gathered.left()[0].payload == nullptr);
  CHECK(gathered.left()[1].payload != nullptr);
}
