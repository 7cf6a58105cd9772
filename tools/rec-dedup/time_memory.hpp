// Which times of each key were there lately.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "record/key_table.hpp"
#include "state/snapshot.hpp"
#include "time/time_types.hpp"

namespace weir::rec_dedup {

/// Times in order, which mostly come and go in that order.
class RecentTimes {
 public:
  bool empty() const { return first_ == times_.size(); }
  /// False when it is there already.
  bool insert(Time time);
  /// A time that is there.
  void erase(Time time);

 private:
  std::vector<Time> times_;
  std::size_t first_ = 0;  ///< so many at the beginning are gone
};

/// Remembers records by a key and their time, in the order in which they came; 24 bytes for each beside its key's own.
class TimeMemory {
 public:
  /// `limit`: of records, and so of keys.
  explicit TimeMemory(std::size_t limit);

  /// False when there is one of that key and time. `stream_time` is how far the stream has come, never less than
  /// before.
  bool insert(std::string_view key, Time time, Time stream_time);

  std::size_t size() const { return turns_.size(); }
  /// How far the stream had come with the record that has been remembered longest.
  Time first_stream_time() const { return runs_.front().stream_time; }
  void forget_first();

  /// restore() is for a memory that has had nothing yet.
  void snapshot(SnapshotWriter& to) const;
  void restore(SnapshotReader& from);

 private:
  struct Turn {
    Time time;
    KeyId key;
  };
  /// Records that came while the stream stood at one time.
  struct Run {
    Time stream_time;
    std::size_t records;
  };
  void sweep();

  KeyTable<RecentTimes> keys_;
  std::deque<Turn> turns_;
  std::deque<Run> runs_;  ///< of the turns, in the same order
  std::size_t idle_ = 0;  ///< keys of which nothing is remembered
};

}  // namespace weir::rec_dedup
