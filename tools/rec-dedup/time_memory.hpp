// The recent times of each key.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "record/key_table.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::rec_dedup {

/// Times in order, which mostly come and go in that order.
class RecentTimes {
 public:
  bool empty() const { return first_ == times_.size(); }
  /// Returns false when the time is there already.
  bool insert(Time time);
  /// `time` must be there.
  void erase(Time time);

 private:
  std::vector<Time> times_;
  std::size_t first_ = 0;  ///< the times before this index are gone
};

/// Remembers records by key and time, in the order in which they came; 24 bytes for each, its key apart.
class TimeMemory {
 public:
  /// Holds at most `limit` records, and so as many keys.
  explicit TimeMemory(std::size_t limit);

  /// Returns false when there is a record of that key and time. `stream_time` never goes back.
  bool insert(std::string_view key, Time time, Time stream_time);

  std::size_t size() const { return turns_.size(); }
  /// The stream's time when the record remembered longest came.
  Time first_stream_time() const { return runs_.front().stream_time; }
  void forget_first();

  void state(StateArchive& archive);

 private:
  struct Turn {
    Time time;
    KeyId key;
  };
  /// Records that came at the same time of the stream.
  struct Run {
    Time stream_time;
    std::size_t records;
  };
  void sweep();

  KeyTable<RecentTimes> keys_;
  std::deque<Turn> turns_;
  std::deque<Run> runs_;  ///< in the order of the turns
  std::size_t idle_ = 0;  ///< the number of keys without a record
};

}  // namespace weir::rec_dedup
