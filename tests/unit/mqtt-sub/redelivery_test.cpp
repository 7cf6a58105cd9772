#include "redelivery.hpp"

#include <deque>
#include <random>
#include <vector>

#include "catch.hpp"
#include "message_line.hpp"

using namespace weir;
using namespace weir::mqtt_sub;

namespace {

/// A session of a broker that increments ids, as mosquitto does, with at most `window` messages in flight.
struct Broker {
  struct Sent {
    int id;
    std::uint64_t content;
  };
  std::size_t window;
  std::deque<Sent> unacknowledged{};
  std::deque<std::uint64_t> queued{};
  int last_id = 0;

  void publish(std::uint64_t content) { queued.push_back(content); }
  /// Sends as many messages as the window allows.
  std::vector<Sent> send() {
    std::vector<Sent> out;
    for (; !queued.empty() && unacknowledged.size() < window; queued.pop_front()) {
      last_id = last_id % 65535 + 1;
      unacknowledged.push_back({last_id, queued.front()});
      out.push_back(unacknowledged.back());
    }
    return out;
  }
};

}  // namespace

TEST_CASE("whatever is lost on the way, each message is stored once") {
  std::mt19937 random(7);
  for (const std::size_t window : {1U, 3U, 20U, 200U}) {
    for (const std::uint64_t contents : {1U, 2U, 1000U}) {  // all alike, some alike, hardly any alike
      Broker broker{window};
      std::vector<std::uint64_t> published;
      std::vector<std::uint64_t> stored;
      Redelivery redelivery;
      redelivery.new_session();
      for (int connection = 0; connection < 400; ++connection) {
        std::deque<Broker::Sent> wire(broker.unacknowledged.begin(), broker.unacknowledged.end());
        redelivery.connected();
        for (int turn = 0; turn < 3; ++turn) {
          for (auto count = random() % (2 * window); count > 0; --count) {
            published.push_back(random() % contents);
            broker.publish(published.back());
          }
          for (const auto& each : broker.send()) wire.push_back(each);
          // Some messages arrive and are stored, and some of their acknowledgements arrive.
          const std::size_t arrived = random() % (wire.size() + 1);
          for (std::size_t i = 0; i < arrived; ++i, wire.pop_front()) {
            if (redelivery.comes_again(wire.front().id, wire.front().content)) continue;
            redelivery.stored(wire.front().id, wire.front().content);
            stored.push_back(wire.front().content);
          }
          const bool breaks = turn == 2;
          const std::size_t confirmed = breaks ? random() % (arrived + 1) : arrived;
          for (std::size_t i = 0; i < confirmed; ++i) broker.unacknowledged.pop_front();
          if (breaks || confirmed < arrived) break;
        }
      }
      redelivery.connected();
      const std::vector<Broker::Sent> last(broker.unacknowledged.begin(), broker.unacknowledged.end());
      for (const auto& each : last)
        if (!redelivery.comes_again(each.id, each.content)) stored.push_back(each.content);
      published.resize(stored.size());
      CHECK(published == stored);
      CHECK(stored.size() > 400);
    }
  }
}

TEST_CASE("a broker that gives an id again at once loses nothing by it") {
  Redelivery redelivery;
  redelivery.new_session();
  redelivery.stored(1, 5);
  redelivery.stored(1, 5);  // acknowledged, and a new message like it
  redelivery.connected();
  CHECK_FALSE(redelivery.comes_again(1, 5));  // the third message, or the second again: it cannot be known
}

TEST_CASE("a new session's ids are others") {
  Redelivery redelivery;
  redelivery.stored(1, 5);
  redelivery.stored(2, 6);
  redelivery.new_session();
  redelivery.connected();
  CHECK_FALSE(redelivery.comes_again(2, 6));
}

TEST_CASE("a message is a line of the spool and comes back whole") {
  const Time received{Duration(1'767'225'600'123'456'789)};
  for (const std::string_view payload :
       {std::string_view("{\"a\":1}"), std::string_view(""), std::string_view("\n\n\\n\\\\n"),
        std::string_view("a\0b\\0", 5), std::string_view("\xff\xfe 12 ")}) {
    for (const std::string_view topic : {"a/b", "with space/1 2", "line\nbreak\\n"}) {
      std::string line;
      const Payload kept = payload.empty() ? Payload::beginning : Payload::whole;
      append_message_line(line, {topic, payload, mqtt::Qos::at_least_once, true, 65535}, kept, received);
      CHECK(line.find('\n') == std::string::npos);
      CHECK(line.find('\0') == std::string::npos);
      MessageLine read;
      REQUIRE(read.read(line));
      CHECK(read.message().topic == topic);
      CHECK(read.message().payload == payload);
      CHECK(read.message().qos == mqtt::Qos::at_least_once);
      CHECK(read.message().retained);
      CHECK(read.payload() == kept);
      CHECK(read.message().id == 65535);
      CHECK(read.received() == received);
    }
  }
  MessageLine read;
  for (const char* none : {"", "session", "message ", "message 1 1 0 5", "message 1 1 0 5 3 ab", "message 1 3 0 5 0 "})
    CHECK_FALSE(read.read(none));
}
