#include "window/due_queue.hpp"

#include <algorithm>
#include <tuple>

namespace weir {
namespace {

bool earlier(const DueQueue::Entry& a, const DueQueue::Entry& b) {
  return std::tie(a.time, a.place) < std::tie(b.time, b.place);
}

}  // namespace

void DueQueue::put(std::size_t at, const Entry& entry) {
  heap_[at] = entry;
  positions_[entry.place] = static_cast<std::uint32_t>(at + 1);
}

void DueQueue::rise(std::size_t at) {
  const Entry moved = heap_[at];
  for (; at > 0; at = (at - 1) / 2) {
    const Entry& parent = heap_[(at - 1) / 2];
    if (!earlier(moved, parent)) break;
    put(at, parent);
  }
  put(at, moved);
}

void DueQueue::sink(std::size_t at) {
  const Entry moved = heap_[at];
  for (std::size_t child = 2 * at + 1; child < heap_.size(); child = 2 * at + 1) {
    if (child + 1 < heap_.size() && earlier(heap_[child + 1], heap_[child])) ++child;
    if (!earlier(heap_[child], moved)) break;
    put(at, heap_[child]);
    at = child;
  }
  put(at, moved);
}

void DueQueue::move_forward(std::size_t place, Time time) {
  if (place >= positions_.size()) positions_.resize(place + 1);
  if (const std::uint32_t position = positions_[place]; position != 0) {
    heap_[position - 1].time = time;
    rise(position - 1);
    return;
  }
  heap_.push_back({time, place});
  rise(heap_.size() - 1);
}

void DueQueue::postpone_first(Time time) {
  heap_.front().time = time;
  sink(0);
}

void DueQueue::remove_first() {
  positions_[heap_.front().place] = 0;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (heap_.empty()) return;
  heap_.front() = last;
  sink(0);
}

void DueQueue::state(StateArchive& archive) {
  archive.value(heap_);
  if (archive.saving()) return;
  for (std::size_t i = 0; i < heap_.size(); ++i) {
    const std::size_t place = heap_[i].place;
    if (place > 0xffffffffU || (i > 0 && earlier(heap_[i], heap_[(i - 1) / 2])))
      throw SnapshotError("a queue of times that cannot exist");
    if (place >= positions_.size()) positions_.resize(place + 1);
    positions_[place] = static_cast<std::uint32_t>(i + 1);
  }
}

}  // namespace weir
