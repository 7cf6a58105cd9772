#include "repeats.hpp"

#include <iterator>

namespace weir::http_recv {

Repeats::Known* Repeats::find(std::string_view id) {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : &*found->second;
}

Repeats::Known& Repeats::begin(std::string_view id, std::string_view body, std::uint64_t pieces) {
  if (const auto found = places_.find(id); found != places_.end()) {
    const auto place = found->second;
    places_.erase(found);
    order_.erase(place);
  }
  while (!order_.empty() && order_.size() >= most_) {
    places_.erase(order_.front().id);
    order_.pop_front();
  }
  order_.push_back({.id = std::string(id), .body = std::string(body), .pieces = pieces});
  places_.emplace(order_.back().id, std::prev(order_.end()));
  return order_.back();
}

void Repeats::state(StateArchive& archive) {
  archive.value(order_);
  if (archive.saving()) return;
  places_.clear();
  for (auto each = order_.begin(); each != order_.end(); ++each) places_.emplace(each->id, each);
}

}  // namespace weir::http_recv
