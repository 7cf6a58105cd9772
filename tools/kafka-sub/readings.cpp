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
  reading.finished = end && *end == place.next;  // a place beyond it may be one that the brokers do not have
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

void Readings::point_into(Position& position) {
  for (Reading& each : readings_) each.place = &position.at(each.partition);
}

bool Readings::pass(Reading& reading, std::int64_t next) {
  reading.place->next = next;
  if (reading.finished || !reading.end || next < *reading.end) return false;
  reading.finished = true;
  return true;
}

bool Place::take(const ProducerWatermark& watermark, std::size_t most) {
  const auto known = std::find_if(producers.begin(), producers.end(),
                                  [&](const ProducerWatermark& each) { return each.from == watermark.from; });
  if (known == producers.end()) {
    if (producers.size() >= most) return false;
    producers.push_back(watermark);
    return true;
  }
  known->time = std::max(known->time, watermark.time);
  known->ended = watermark.ended;
  return true;
}

std::optional<Time> Place::least(std::size_t count) const {
  if (producers.size() < count) return std::nullopt;
  Time least = Time::max();
  Time greatest = Time::min();
  for (const ProducerWatermark& each : producers) {
    greatest = std::max(greatest, each.time);
    if (!each.ended) least = std::min(least, each.time);
  }
  const Time promised = least == Time::max() ? greatest : least;
  return promised == Time::min() ? std::nullopt : std::optional(promised);
}

std::optional<Time> Readings::least_promise(std::size_t producers) const {
  std::optional<Time> least;
  for (const Reading& each : readings_) {
    const auto promised = each.place->least(producers);
    if (!promised) return std::nullopt;
    least = std::min(least.value_or(Time::max()), *promised);
  }
  return least;
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
