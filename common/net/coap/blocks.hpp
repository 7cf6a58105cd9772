// Bodies that come in blocks (RFC 7959, Block1).
#pragma once
#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/coap/message.hpp"

namespace weir::coap {

/// The value of a Block1 option.
struct Block {
  std::uint32_t number = 0;
  bool more = false;
  unsigned exponent = 0;  ///< the block has 16 << exponent bytes; 7 is reserved

  static Block of(std::uint32_t option) { return {option >> 4U, (option & 8U) != 0, option & 7U}; }
  std::uint32_t option() const { return number << 4U | (more ? 8U : 0U) | exponent; }
  std::size_t size() const { return std::size_t{16} << exponent; }
};

struct BlockLimits {
  std::size_t body = 1 << 20;     ///< bytes of one body
  std::size_t bodies = 64 << 20;  ///< bytes of all bodies that arrive
  std::size_t transfers = 1000;
  std::chrono::seconds idle = exchange_lifetime;  ///< then a body that is not whole is forgotten
};

/// Bodies on their way. The library could put them together too, but has no limit for a body.
class BlockTransfers {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Step : std::uint8_t {
    complete,    ///< the body is whole
    proceed,     ///< the next block, please
    alone,       ///< the last block of a body that is not known
    incomplete,  ///< a block is missing, or is not whole
    too_large,
    no_room  ///< too many bodies arrive at once
  };

  explicit BlockTransfers(BlockLimits limits) : limits_(limits) {}

  /// Takes a block of the transfer `key`. `message` is the same in a retransmission alone; `total` is that of Size1.
  Step take(const std::string& key, std::string_view message, Block block, std::optional<std::size_t> total,
            std::string_view payload, Clock::time_point now, std::string& body);

 private:
  struct Transfer {
    std::string key;
    std::string first;  ///< message of block 0
    std::string body{};
    Clock::time_point used{};
  };
  using Place = std::list<Transfer>::iterator;
  void forget(Place place);
  void make_room(Clock::time_point now);

  BlockLimits limits_;
  std::list<Transfer> order_;  ///< the longest unused first
  std::unordered_map<std::string_view, Place> places_;
  std::size_t bytes_ = 0;
};

}  // namespace weir::coap
