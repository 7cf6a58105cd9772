// Memory for cells, in slabs that are reused.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include "record/large_vector.hpp"
#include "window/cell.hpp"

namespace weir {

/// Blocks of one size, aligned to 8. A free block has the address of the next one.
class CellPool {
 public:
  std::byte* take(std::size_t size) {
    if (free_ != nullptr) {
      std::byte* const block = free_;
      std::memcpy(&free_, block, sizeof free_);
      return block;
    }
    if (left_ == 0) {
      slabs_.push_back(make_large_bytes(size * in_slab_));
      next_ = slabs_.back().get();
      left_ = in_slab_;
      in_slab_ = std::min(in_slab_ * 2, std::max<std::size_t>(largest_slab / size, 1));
    }
    --left_;
    return std::exchange(next_, next_ + size);
  }
  void release(std::byte* block) {
    std::memcpy(block, &free_, sizeof free_);
    free_ = block;
  }

  /// Makes an empty cell of the layout. end() takes the same layout.
  std::byte* make(const CellLayout& layout) {
    std::byte* const cell = take(layout.size());
    layout.create(cell);
    return cell;
  }
  /// Moves a cell here that had so many parts in another pool; those that the layout has besides are empty.
  std::byte* move(const CellLayout& layout, std::byte* cell, std::size_t parts) {
    std::byte* const moved = take(layout.size());
    layout.relocate(cell, parts, moved);
    return moved;
  }
  void end(const CellLayout& layout, std::byte* cell) {
    layout.destroy(cell);
    release(cell);
  }

 private:
  static constexpr std::size_t largest_slab = std::size_t{2} << 20;
  std::size_t in_slab_ = 2;  // blocks in the next slab; it starts small, as there may be many pools
  std::vector<LargeBytes> slabs_;
  std::byte* next_ = nullptr;  ///< the first of those of the last slab that were never taken
  std::size_t left_ = 0;       ///< the number of those
  std::byte* free_ = nullptr;
};

}  // namespace weir
