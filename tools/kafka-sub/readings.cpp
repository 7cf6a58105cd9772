#include "readings.hpp"

#include <algorithm>

namespace weir::kafka_sub {

kafka::Offsets Position::offsets() const {
  kafka::Offsets offsets;
  for (const auto& [topic, all] : places)
    for (std::size_t number = 0; number < all.size(); ++number)
      if (all[number].next >= 0) offsets[{topic, static_cast<int>(number)}] = all[number].next;
  return offsets;
}

Reading& Readings::add(const kafka::Partition& partition, Place& place, std::optional<std::int64_t> end,
                       Reading::clock::time_point now) {
  Reading& reading = readings_.emplace_back();
  reading.partition = partition;
  reading.place = &place;
  reading.end = end;
  reading.finished = end && *end <= place.next;
  reading.last_message = now;
  if (!reading.finished) ++unfinished_;
  return reading;
}

Reading* Readings::find(std::string_view topic, int number) {
  const auto is_it = [&](const Reading& each) {
    return each.partition.number == number && each.partition.topic == topic;
  };
  if (last_ != nullptr && is_it(*last_)) return last_;
  const auto found = std::find_if(readings_.begin(), readings_.end(), is_it);
  if (found == readings_.end()) return nullptr;
  last_ = &*found;
  return last_;
}

bool Readings::pass(Reading& reading, std::int64_t next) {
  reading.place->next = next;
  if (reading.finished || !reading.end || next < *reading.end) return false;
  reading.finished = true;
  return true;
}

std::optional<Time> Readings::oldest_front(Duration idle, Reading::clock::time_point now) const {
  std::optional<Time> oldest;
  Time newest = Time::min();
  for (const Reading& each : readings_) {
    newest = std::max(newest, each.place->newest);
    if (each.finished || (each.at_end && now - each.last_message >= idle)) continue;
    if (each.place->newest == Time::min()) return std::nullopt;
    oldest = std::min(oldest.value_or(Time::max()), each.place->newest);
  }
  if (all_finished() && newest > Time::min()) return newest;
  return oldest;
}

}  // namespace weir::kafka_sub
