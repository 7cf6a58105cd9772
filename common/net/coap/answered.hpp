// Answers that may have been lost.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/coap/blocks.hpp"
#include "net/coap/message.hpp"

namespace weir::coap {

/// A response and the block that it answers.
struct Sent {
  Response response{};
  std::optional<Block> block1{};
};

/// The last answers, so that a message which comes again is answered as the first time (RFC 7252, 4.2). Bounded: of
/// more than `most` the oldest is forgotten, and each after EXCHANGE_LIFETIME.
class Answered {
 public:
  using Clock = BlockTransfers::Clock;

  explicit Answered(std::size_t most) : most_(most) {}

  void note(const std::string& message, Sent sent, Clock::time_point now);
  const Sent* find(const std::string& message, Clock::time_point now);

 private:
  void forget_old(Clock::time_point now);

  struct Note {
    std::string message;
    Clock::time_point time;
  };
  std::size_t most_;
  std::deque<Note> order_;  ///< the oldest first
  std::unordered_map<std::string, Sent> sent_;
};

}  // namespace weir::coap
