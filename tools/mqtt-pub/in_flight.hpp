// The messages that the broker has not answered yet.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/mqtt/client.hpp"
#include "pack.hpp"

namespace weir::mqtt_pub {

/// A ring of messages in flight, for those that the broker may refuse. Keeps its memory.
class InFlight {
 public:
  struct Message {
    mqtt::MessageId id = 0;
    bool answered = true;
    std::uint64_t number = 0;         ///< of the record: its line, or its place in the outbox
    std::string raw;                  ///< the record, for the rejects
    std::vector<Pack::Part> parts{};  ///< the records of a pack, in `raw`
  };
  explicit InFlight(std::size_t most) : ring_(most + 1) {}

  void add(mqtt::MessageId id, std::uint64_t number, std::string_view raw, std::span<const Pack::Part> parts = {});
  /// Takes a message out; nullptr when it is not here. Valid until the next add().
  const Message* take(mqtt::MessageId id);

 private:
  std::size_t after(std::size_t index) const { return index + 1 == ring_.size() ? 0 : index + 1; }
  std::vector<Message> ring_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace weir::mqtt_pub
