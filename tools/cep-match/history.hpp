// The records that a thread has matched so far, as a chain that threads share.
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "accumulator.hpp"
#include "row_store.hpp"

namespace weir::cep_match {

using NodeId = std::uint32_t;
/// The chain without a record.
inline constexpr NodeId no_node = 0xffffffff;

/// A pool of chains. A chain is its last node; beside each node stands what conditions need to know of its chain: some
/// of the records (slots) and sums over them.
class History {
 public:
  struct Node {
    NodeId parent = no_node;
    RowId row = no_row;
    std::uint32_t references = 0;
    std::uint16_t label = 0;
    std::uint16_t excluded = 0;
  };
  /// A record and its variable; 0: none.
  using Slot = std::uint64_t;

  History(std::size_t slots, std::size_t sums)
      : slots_width_(slots),
        sums_width_(sums),
        node_bytes_(sizeof(Node) + slots * sizeof(Slot) + sums * sizeof(Accumulator)) {}

  /// A chain with one more record and one reference; its slots and sums are as before, for the caller to update.
  NodeId append(NodeId parent, RowId row, std::uint32_t label, bool excluded);
  void hold(NodeId id) {
    if (id != no_node) ++nodes_[id].references;
  }
  void release(NodeId id);

  const Node& operator[](NodeId id) const { return nodes_[id]; }
  Slot* slots(NodeId id) { return slots_.data() + id * slots_width_; }
  Accumulator* sums(NodeId id) { return sums_.data() + id * sums_width_; }

  static Slot slot_of(RowId row, std::uint32_t label) { return (static_cast<Slot>(row) << 8U) | (label + 1); }
  static RowId row_of(Slot slot) { return static_cast<RowId>(slot >> 8U); }
  static std::uint32_t label_of(Slot slot) { return static_cast<std::uint32_t>(slot & 0xffU) - 1; }

  /// Whether conditions cannot tell two chains from each other.
  bool alike(NodeId a, NodeId b) const {
    if (a == b) return true;
    if (a == no_node || b == no_node) return false;
    return same(slots_, a, b, slots_width_) && same(sums_, a, b, sums_width_);
  }
  std::size_t size() const { return nodes_.size() - free_.size(); }
  std::uint64_t held_bytes() const { return size() * node_bytes_; }

  void state(StateArchive& archive) { archive.values(nodes_, slots_, sums_, free_); }

 private:
  template <typename Part>
  static bool same(const std::vector<Part>& parts, NodeId a, NodeId b, std::size_t width) {
    return width == 0 || std::memcmp(&parts[a * width], &parts[b * width], width * sizeof(Part)) == 0;
  }

  std::size_t slots_width_;
  std::size_t sums_width_;
  std::uint64_t node_bytes_;
  std::vector<Node> nodes_;
  std::vector<Slot> slots_;
  std::vector<Accumulator> sums_;
  std::vector<NodeId> free_;
};

}  // namespace weir::cep_match
