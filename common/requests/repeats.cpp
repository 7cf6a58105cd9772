#include "requests/repeats.hpp"

#include <iterator>

namespace weir::requests {

bool Repeats::is_over(const Known& known, Time now) const {
  return lifetime_ > Duration::zero() && now - Time(Duration(known.received)) > lifetime_;
}

Repeats::Known* Repeats::find(std::string_view id, Time now) {
  const auto found = places_.find(id);
  return found == places_.end() || is_over(*found->second, now) ? nullptr : &*found->second;
}

void Repeats::forget_oldest() {
  places_.erase(order_.front().id);
  order_.pop_front();
}

Repeats::Known& Repeats::begin(std::string_view id, std::string_view body, std::uint64_t pieces, Time now) {
  if (const auto found = places_.find(id); found != places_.end()) {
    const auto place = found->second;
    places_.erase(found);
    order_.erase(place);
  }
  while (!order_.empty() && (order_.size() >= most_ || is_over(order_.front(), now))) forget_oldest();
  order_.push_back(
      {.id = std::string(id), .body = std::string(body), .pieces = pieces, .received = now.time_since_epoch().count()});
  places_.emplace(order_.back().id, std::prev(order_.end()));
  return order_.back();
}

std::vector<std::string> Repeats::incomplete() const {
  std::vector<std::string> ids;
  for (const Known& known : order_)
    if (!known.complete()) ids.push_back(known.id);
  return ids;
}

void Repeats::state(StateArchive& archive) {
  archive.value(order_);
  if (archive.saving()) return;
  places_.clear();
  for (auto each = order_.begin(); each != order_.end(); ++each) places_.emplace(each->id, each);
}

}  // namespace weir::requests
