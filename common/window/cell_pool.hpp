// Memory for cells, in slabs that are reused.
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "window/cell.hpp"

namespace weir {

/// Blocks of one size, aligned to 8.
class CellPool {
 public:
  std::byte* take(std::size_t size) {
    if (free_.empty()) {
      slabs_.push_back(std::make_unique<std::byte[]>(size * in_slab_));
      for (std::size_t i = in_slab_; i-- > 0;) free_.push_back(slabs_.back().get() + i * size);
      in_slab_ = std::min(in_slab_ * 2, most_in_slab);
    }
    std::byte* const block = free_.back();
    free_.pop_back();
    return block;
  }
  void release(std::byte* block) { free_.push_back(block); }

  /// Makes an empty cell of the layout. end() takes the same layout.
  std::byte* make(const CellLayout& layout) {
    std::byte* const cell = take(layout.size());
    layout.create(cell);
    return cell;
  }
  void end(const CellLayout& layout, std::byte* cell) {
    layout.destroy(cell);
    release(cell);
  }

 private:
  static constexpr std::size_t most_in_slab = 64;
  std::size_t in_slab_ = 2;  // blocks in the next slab; it starts small, as there may be many pools
  std::vector<std::unique_ptr<std::byte[]>> slabs_;
  std::vector<std::byte*> free_;
};

}  // namespace weir
