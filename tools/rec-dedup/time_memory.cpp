#include "time_memory.hpp"

#include <algorithm>

namespace weir::rec_dedup {
namespace {

/// Fewer idle keys than this are not worth a pass over the table.
constexpr std::size_t sweep_from = 1024;

}  // namespace

bool RecentTimes::insert(Time time) {
  if (empty() || times_.back() < time) {
    times_.push_back(time);
    return true;
  }
  const auto place = std::lower_bound(times_.begin() + static_cast<std::ptrdiff_t>(first_), times_.end(), time);
  if (*place == time) return false;
  times_.insert(place, time);
  return true;
}

void RecentTimes::erase(Time time) {
  const auto begin = times_.begin() + static_cast<std::ptrdiff_t>(first_);
  if (*begin == time) {
    ++first_;
  } else {
    times_.erase(std::lower_bound(begin, times_.end(), time));
  }
  if (empty() || (first_ >= 16 && first_ * 2 >= times_.size())) {
    times_.erase(times_.begin(), times_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

// The table has room for the keys in use and for half as many idle ones.
TimeMemory::TimeMemory(std::size_t limit) : keys_(limit + limit / 2 + sweep_from + 2) {}

bool TimeMemory::insert(std::string_view key, Time time, Time stream_time) {
  const std::size_t keys_before = keys_.size();
  const KeyId id = keys_.find_or_add(key);
  RecentTimes& times = keys_[id];
  const bool was_idle = times.empty();
  if (!times.insert(time)) return false;
  if (was_idle && keys_.size() == keys_before) --idle_;
  turns_.push_back({time, id});
  if (runs_.empty() || runs_.back().stream_time != stream_time) runs_.push_back({stream_time, 0});
  ++runs_.back().records;
  return true;
}

void TimeMemory::forget_first() {
  const Turn turn = turns_.front();
  turns_.pop_front();
  if (--runs_.front().records == 0) runs_.pop_front();
  RecentTimes& times = keys_[turn.key];
  times.erase(turn.time);
  if (times.empty()) {
    ++idle_;
    sweep();
  }
}

void TimeMemory::state(StateArchive& archive) {
  keys_.state(archive, [](RecentTimes&) {});  // the turns have the times
  archive.values(turns_, runs_, idle_);
  if (!archive.loading()) return;
  for (const Turn& turn : turns_) keys_[turn.key].insert(turn.time);
}

void TimeMemory::sweep() {
  if (idle_ < sweep_from || idle_ * 3 < keys_.size()) return;
  keys_.erase_if([](const RecentTimes& times) { return times.empty(); });
  idle_ = 0;
}

}  // namespace weir::rec_dedup
