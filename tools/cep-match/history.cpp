#include "history.hpp"

#include <algorithm>

namespace weir::cep_match {

NodeId History::append(NodeId parent, RowId row, std::uint32_t label, bool excluded) {
  NodeId id = static_cast<NodeId>(nodes_.size());
  if (free_.empty()) {
    nodes_.emplace_back();
    slots_.resize(nodes_.size() * slots_width_);
    sums_.resize(nodes_.size() * sums_width_);
  } else {
    id = free_.back();
    free_.pop_back();
  }
  nodes_[id] = {parent, row, 1, static_cast<std::uint16_t>(label), static_cast<std::uint16_t>(excluded ? 1 : 0)};
  if (parent == no_node) {
    std::fill_n(slots(id), slots_width_, Slot{0});
    std::fill_n(sums(id), sums_width_, Accumulator{});
  } else {
    ++nodes_[parent].references;
    std::copy_n(slots(parent), slots_width_, slots(id));
    std::copy_n(sums(parent), sums_width_, sums(id));
  }
  return id;
}

void History::release(NodeId id) {
  while (id != no_node && --nodes_[id].references == 0) {
    free_.push_back(id);
    id = nodes_[id].parent;
  }
}

}  // namespace weir::cep_match
