// The panes of a key, packed in blocks.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "window/cell.hpp"
#include "window/cell_pool.hpp"

namespace weir {

/// The number of a pane, counted from the origin.
using PaneNumber = std::int64_t;

/// Sixteen panes of a key. Only panes with records have cells, which are neighbours in memory.
struct PaneBlock {
  static constexpr int width = 16;

  std::int64_t number = 0;      ///< of its first pane, ÷ width
  std::byte* cells = nullptr;   ///< of the panes in `mask`, in order
  std::byte* suffix = nullptr;  ///< a cell that the block's owner uses
  std::uint16_t mask = 0;       ///< which panes have a cell
  std::uint8_t capacity = 0;    ///< the number of cells that fit at `cells`

  static std::int64_t number_of(PaneNumber pane) { return pane >> 4; }
  static int bit_of(PaneNumber pane) { return static_cast<int>(pane & (width - 1)); }

  PaneNumber first() const { return number * width; }
  PaneNumber last_pane() const { return first() + std::bit_width(mask) - 1; }
  int count() const { return std::popcount(mask); }
  bool has(int bit) const { return (mask >> bit & 1) != 0; }
  /// The number of cells before a pane's own.
  int rank(int bit) const { return std::popcount(static_cast<std::uint16_t>(mask & ((1U << bit) - 1))); }
  /// The panes of the block in [from, until).
  std::uint16_t mask_of(PaneNumber from, PaneNumber until) const {
    const auto below = [this](PaneNumber pane) -> unsigned {
      return pane <= first() ? 0U : pane >= first() + width ? 0xffffU : (1U << (pane - first())) - 1;
    };
    return static_cast<std::uint16_t>(mask & below(until) & ~below(from));
  }
};

/// The first of some ordered blocks that is not before the block of a pane.
template <typename Blocks>
auto block_from(Blocks& blocks, PaneNumber pane) {
  const std::int64_t number = PaneBlock::number_of(pane);
  return std::lower_bound(blocks.begin(), blocks.end(), number,
                          [](const PaneBlock& each, std::int64_t wanted) { return each.number < wanted; });
}

/// Makes and destroys cells, alone or in blocks, and reuses their memory.
class BlockMemory {
 public:
  explicit BlockMemory(const CellLayout& layout) : layout_(layout) {}

  std::byte* make_cell();
  void end_cell(std::byte* cell);

  std::byte* cell(const PaneBlock& block, int rank) const {
    return block.cells + static_cast<std::size_t>(rank) * layout_.size();
  }
  /// The cell of a pane. A new one is empty, and moves the others.
  std::byte* insert(PaneBlock& block, int bit, int least_capacity);
  /// Gives a block without cells an empty cell for each bit of a mask.
  void fill(PaneBlock& block, std::uint16_t mask);
  /// A block with its cells and its suffix.
  void state(StateArchive& archive, PaneBlock& block);
  /// A cell, or nothing.
  void state(StateArchive& archive, std::byte*& cell);
  /// Destroys all cells of the block, but not the suffix.
  void clear(PaneBlock& block);

  /// Called when the layout has new columns. take() then moves cells of `old_parts` parts out of the old memory, which
  /// the caller keeps until all cells have moved.
  std::array<CellPool, 5> renew();
  std::byte* take(std::byte* cell, std::size_t old_parts);
  void take(PaneBlock& block, std::size_t old_parts, std::size_t old_size);

 private:
  CellPool& pool(int capacity) {
    return pools_[static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(capacity)) - 1)];
  }
  std::byte* raw(int capacity) { return pool(capacity).take(layout_.size() * static_cast<std::size_t>(capacity)); }

  const CellLayout& layout_;
  std::array<CellPool, 5> pools_;  ///< for 1, 2, 4, 8 and 16 cells
};

}  // namespace weir
