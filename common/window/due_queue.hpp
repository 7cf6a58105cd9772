// Places, such as those of keys, by the time at which they change without a record.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir {

/// A binary heap of places by time, then by place. A place is in it at most once.
class DueQueue {
 public:
  struct Entry {
    Time time;
    std::size_t place;
  };

  bool empty() const { return heap_.empty(); }
  /// The earliest entry; the queue must not be empty.
  const Entry& first() const { return heap_.front(); }

  /// Adds a place, or moves it to an earlier time. A later time than its own changes nothing.
  void bring_forward(std::size_t place, Time time) {
    if (place >= positions_.size() || positions_[place] == 0 || time < heap_[positions_[place] - 1].time)
      move_forward(place, time);
  }
  /// Gives the first entry a later time.
  void postpone_first(Time time);
  void remove_first();

  void state(StateArchive& archive);

 private:
  void move_forward(std::size_t place, Time time);
  void put(std::size_t at, const Entry& entry);
  void sink(std::size_t at);
  void rise(std::size_t at);

  std::vector<Entry> heap_;
  std::vector<std::uint32_t> positions_;  ///< of each place: 1 + its index in the heap; 0: not in it
};

}  // namespace weir
