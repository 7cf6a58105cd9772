#include "net/coap/answered.hpp"

#include <utility>

namespace weir::coap {

void Answered::forget_old(Clock::time_point now) {
  while (!order_.empty() && (order_.size() > most_ || now - order_.front().time > exchange_lifetime)) {
    sent_.erase(order_.front().message);
    order_.pop_front();
  }
}

void Answered::note(const std::string& message, Sent sent, Clock::time_point now) {
  if (!sent_.emplace(message, std::move(sent)).second) return;
  order_.push_back({message, now});
  forget_old(now);
}

const Sent* Answered::find(const std::string& message, Clock::time_point now) {
  forget_old(now);
  const auto found = sent_.find(message);
  return found == sent_.end() ? nullptr : &found->second;
}

}  // namespace weir::coap
