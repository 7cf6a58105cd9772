#include "net/coap/blocks.hpp"

#include <iterator>
#include <utility>

namespace weir::coap {
namespace {

/// A body that so long nothing was added to makes room for others.
constexpr std::chrono::seconds short_idle{10};

}  // namespace

void BlockTransfers::forget(Place place) {
  bytes_ -= place->body.size();
  places_.erase(place->key);
  order_.erase(place);
}

void BlockTransfers::make_room(Clock::time_point now) {
  while (!order_.empty()) {
    const auto idle = now - order_.front().used;
    const bool full = bytes_ > limits_.bodies || order_.size() >= limits_.transfers;
    if (idle <= limits_.idle && !(full && idle > short_idle)) return;
    forget(order_.begin());
  }
}

BlockTransfers::Step BlockTransfers::take(const std::string& key, std::string_view message, Block block,
                                          std::optional<std::size_t> total, std::string_view payload,
                                          Clock::time_point now, std::string& body) {
  make_room(now);
  const std::size_t offset = block.number * block.size();
  auto found = places_.find(key);
  const bool too_large = offset + payload.size() > limits_.body || total.value_or(0) > limits_.body;
  if (too_large || (block.more ? payload.size() != block.size() : payload.size() > block.size())) {
    if (found != places_.end()) forget(found->second);
    return too_large ? Step::too_large : Step::incomplete;
  }
  if (block.number == 0) {
    if (found != places_.end() && found->second->first == message) return Step::proceed;  // a retransmission
    if (found != places_.end()) forget(found->second);
    if (bytes_ + payload.size() > limits_.bodies || order_.size() >= limits_.transfers) return Step::no_room;
    order_.push_back({.key = key, .first = std::string(message)});
    found = places_.emplace(order_.back().key, std::prev(order_.end())).first;
  } else if (found == places_.end()) {
    return block.more ? Step::incomplete : Step::alone;
  }
  const Place place = found->second;
  Transfer& transfer = *place;
  transfer.used = now;
  order_.splice(order_.end(), order_, place);
  if (offset + payload.size() == transfer.body.size() && block.number > 0 && transfer.body.ends_with(payload))
    return Step::proceed;  // the last block again
  if (offset != transfer.body.size()) return Step::incomplete;
  if (bytes_ + payload.size() > limits_.bodies) {
    forget(place);
    return Step::no_room;
  }
  transfer.body += payload;
  bytes_ += payload.size();
  if (block.more) return Step::proceed;
  body = transfer.body;
  forget(place);
  return Step::complete;
}

}  // namespace weir::coap
