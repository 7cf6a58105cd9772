// The messages of an epoch, from the barrier to the last acknowledgement.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/archive.hpp"

namespace weir::state {

/// Keeps messages in order in one block of memory.
class Outbox {
 public:
  struct Message {
    std::string_view target;   ///< where it goes: a topic, an address
    std::string_view payload;  ///< what goes there
    std::uint64_t line = 0;    ///< of the record in the input
    std::string_view raw;      ///< the record, for the rejects
  };

  /// Copies the message. `raw` takes no room where it is the payload itself.
  void add(const Message& message);

  std::size_t size() const { return entries_.size(); }
  std::uint64_t bytes() const { return bytes_.size() + entries_.size() * sizeof(Entry); }
  /// Valid until the next add() or clear().
  Message operator[](std::size_t index) const;

  /// Removes all messages; keeps the memory that a usual epoch takes.
  void clear();

  /// Throws SnapshotError where the bytes are not an outbox.
  void state(StateArchive& archive);

 private:
  struct Entry {
    std::size_t at = 0;  ///< in bytes_; the rest are sizes
    std::size_t target = 0;
    std::size_t payload = 0;
    std::size_t raw = 0;
    std::uint64_t line = 0;
  };
  std::string bytes_;
  std::vector<Entry> entries_;
};

/// `PIPE-EPOCH-NUMBER`: the id of a message, the same each time it is sent.
std::string message_id(std::string_view pipe, std::uint64_t epoch, std::uint64_t number);

}  // namespace weir::state
