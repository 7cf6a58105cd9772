#include "in_flight.hpp"

namespace weir::mqtt_pub {

void InFlight::add(mqtt::MessageId id, std::uint64_t number, std::string_view raw, std::span<const Pack::Part> parts) {
  Message& message = ring_[end_];
  message.id = id;
  message.answered = false;
  message.number = number;
  message.raw.assign(raw);
  message.parts.assign(parts.begin(), parts.end());
  end_ = after(end_);
}

const InFlight::Message* InFlight::take(mqtt::MessageId id) {
  // Acknowledgements nearly always come in the order of the messages: it is the first.
  for (std::size_t i = begin_; i != end_; i = after(i)) {
    if (ring_[i].answered || ring_[i].id != id) continue;
    ring_[i].answered = true;
    while (begin_ != end_ && ring_[begin_].answered) begin_ = after(begin_);
    return &ring_[i];
  }
  return nullptr;
}

}  // namespace weir::mqtt_pub
