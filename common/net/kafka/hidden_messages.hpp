// Messages that a reader of committed ones cannot reach, because a transaction before them is open.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>

#include "net/kafka/consumer.hpp"

namespace weir::kafka {

/// Finds partitions in which reading has stood still before their end for a minute.
class HiddenMessages {
 public:
  using clock = std::chrono::steady_clock;
  static constexpr auto patience = std::chrono::minutes(1);

  /// Reading has reached what is committed: the offset behind the last message.
  void on_end(const Partition& partition, std::int64_t offset, clock::time_point now) {
    Stand& stand = stands_[partition];
    if (stand.offset != offset) stand = {offset, now, false};
  }

  /// Calls report(partition, offset, end) for each partition that has stood at `offset` for a minute, once.
  /// position(partition) is the offset that is read next, negative when unknown; end(partition) that of the next
  /// message to be written.
  template <typename Position, typename End, typename Report>
  void look(clock::time_point now, Position position, End end, Report report) {
    for (auto& [partition, stand] : stands_) {
      if (stand.reported || now - stand.since < patience) continue;
      if (position(partition) > stand.offset) continue;  // on_end() comes again
      const std::int64_t last = end(partition);
      if (last <= stand.offset) continue;
      stand.reported = true;
      report(partition, stand.offset, last);
    }
  }

 private:
  struct Stand {
    std::int64_t offset = -1;
    clock::time_point since;
    bool reported = false;
  };
  std::map<Partition, Stand> stands_;
};

}  // namespace weir::kafka
