// The messages of an epoch, between the barrier and the broker's last acknowledgement.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/snapshot.hpp"

namespace weir::mqtt_pub {

/// Messages one behind the other in one block of memory.
class Outbox {
 public:
  struct Message {
    std::string_view topic;
    std::string_view payload;
    std::uint64_t line = 0;  ///< of the record
    std::string_view raw;    ///< the record, for the rejects
  };

  /// `raw` is kept only where it is not the payload itself.
  void add(const Message& message);

  std::size_t size() const { return entries_.size(); }
  /// Valid to the next add() or clear().
  Message operator[](std::size_t index) const;

  /// Forgets the messages, but not the memory that a usual epoch takes.
  void clear();

  void snapshot(SnapshotWriter& to) const;
  void restore(SnapshotReader& from);

 private:
  struct Entry {
    std::size_t at;
    std::size_t topic;
    std::size_t payload;
    std::size_t raw;
    std::uint64_t line;
  };
  std::string bytes_;
  std::vector<Entry> entries_;
};

/// `PIPE-EPOCH-NUMBER`, the same whenever a message is sent.
std::string message_id(std::string_view pipe, std::uint64_t epoch, std::uint64_t number);

}  // namespace weir::mqtt_pub
