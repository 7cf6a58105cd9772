// Bodies put together from their blocks.
#include "net/coap/blocks.hpp"
#include "catch.hpp"
#include "net/coap/answered.hpp"
#include "net/coap/sequence.hpp"

using namespace weir::coap;
using Step = BlockTransfers::Step;

namespace {

struct Sender {
  BlockTransfers transfers{BlockLimits{.body = 64, .bodies = 100, .transfers = 2}};
  BlockTransfers::Clock::time_point now{};
  std::string body{};
  int message = 0;

  Step send(const std::string& key, std::uint32_t number, bool more, std::string_view payload,
            std::optional<std::size_t> total = std::nullopt) {
    ++message;
    return again(key, number, more, payload, total);
  }
  Step again(const std::string& key, std::uint32_t number, bool more, std::string_view payload,
             std::optional<std::size_t> total = std::nullopt) {
    return transfers.take(key, std::to_string(message), {.number = number, .more = more, .exponent = 0}, total, payload,
                          now, body);
  }
};

const std::string whole(16, 'a');

}  // namespace

TEST_CASE("the value of the option") {
  CHECK(Block::of(0x1234e).number == 0x1234);
  CHECK(Block::of(0x1234e).more);
  CHECK(Block::of(0x1234e).size() == 1024);
  CHECK(Block::of(0x1234e).option() == 0x1234e);
}

TEST_CASE("blocks in their order make a body") {
  Sender sender;
  CHECK(sender.send("a", 0, true, whole) == Step::proceed);
  CHECK(sender.again("a", 0, true, whole) == Step::proceed);
  CHECK(sender.send("a", 1, true, std::string(16, 'b')) == Step::proceed);
  CHECK(sender.again("a", 1, true, std::string(16, 'b')) == Step::proceed);
  CHECK(sender.send("b", 0, true, whole) == Step::proceed);
  CHECK(sender.send("a", 2, false, "c") == Step::complete);
  CHECK(sender.body == whole + std::string(16, 'b') + "c");
  CHECK(sender.again("a", 2, false, "c") == Step::alone);
  CHECK(sender.send("a", 1, true, whole) == Step::incomplete);
  CHECK(sender.send("c", 0, false, "small") == Step::complete);
  CHECK(sender.body == "small");
}

TEST_CASE("a body that begins anew, and blocks that do not fit") {
  Sender sender;
  CHECK(sender.send("a", 0, true, whole) == Step::proceed);
  CHECK(sender.send("a", 0, true, std::string(16, 'x')) == Step::proceed);
  CHECK(sender.send("a", 2, true, whole) == Step::incomplete);
  CHECK(sender.send("a", 1, true, "short") == Step::incomplete);
  CHECK(sender.send("a", 1, false, "end") == Step::alone);  // the transfer was given up
}

TEST_CASE("notifications that newer ones have overtaken") {
  Sequence sequence;
  const Sequence::Clock::time_point start{};
  CHECK(sequence.is_new(0xfffffe, start));
  CHECK_FALSE(sequence.is_new(0xfffffe, start));
  CHECK(sequence.is_new(1, start));  // the numbers have begun again
  CHECK_FALSE(sequence.is_new(0, start));
  CHECK_FALSE(sequence.is_new(0xffffff, start));
  CHECK(sequence.is_new(0x7fffff, start));
  CHECK_FALSE(sequence.is_new(0x7ffffe, start));
  CHECK(sequence.is_new(0x7ffffe, start + std::chrono::seconds(129)));
}

TEST_CASE("limits of a body, of all bodies and of transfers") {
  Sender sender;
  CHECK(sender.send("a", 0, true, whole, 65) == Step::too_large);
  for (std::uint32_t i = 0; i < 4; ++i) CHECK(sender.send("a", i, true, whole) == Step::proceed);
  CHECK(sender.send("a", 4, true, whole) == Step::too_large);
  for (std::uint32_t i = 0; i < 4; ++i) CHECK(sender.send("a", i, true, whole) == Step::proceed);
  CHECK(sender.send("b", 0, true, whole) == Step::proceed);
  CHECK(sender.send("c", 0, true, whole) == Step::no_room);
  CHECK(sender.send("b", 1, true, whole) == Step::proceed);
  CHECK(sender.send("b", 2, true, whole) == Step::no_room);
  CHECK(sender.send("c", 0, true, whole) == Step::proceed);
  sender.now += std::chrono::seconds(11);  // those that stand make room
  CHECK(sender.send("d", 0, true, whole) == Step::proceed);
  sender.now += std::chrono::seconds(248);
  CHECK(sender.send("e", 0, true, whole) == Step::proceed);
  CHECK(sender.send("d", 1, false, "end") == Step::alone);
}

TEST_CASE("a message that comes again is answered as the first time, until it is forgotten") {
  Answered answered(2);
  const Answered::Clock::time_point start{};
  answered.note("a", {.response = {.code = Code::changed}}, start);
  answered.note("a", {.response = {.code = Code::bad_request}}, start);
  answered.note("b", {.response = {.code = Code::unavailable, .max_age = 2}}, start + std::chrono::seconds(10));
  CHECK(answered.find("a", start)->response.code == Code::changed);
  CHECK(answered.find("c", start) == nullptr);
  answered.note("c", {}, start + std::chrono::seconds(11));
  CHECK(answered.find("a", start) == nullptr);
  CHECK(answered.find("b", start + std::chrono::seconds(257)) != nullptr);
  CHECK(answered.find("b", start + std::chrono::seconds(258)) == nullptr);
}
