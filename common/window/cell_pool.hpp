// Raw memory for cells, in slabs that are used again.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

namespace weir {

/// Blocks of one size, aligned to 8.
class CellPool {
 public:
  std::byte* take(std::size_t size) {
    if (free_.empty()) {
      slabs_.push_back(std::make_unique<std::byte[]>(size * per_slab));
      for (std::size_t i = per_slab; i-- > 0;) free_.push_back(slabs_.back().get() + i * size);
    }
    std::byte* const block = free_.back();
    free_.pop_back();
    return block;
  }
  void release(std::byte* block) { free_.push_back(block); }

 private:
  static constexpr std::size_t per_slab = 64;
  std::vector<std::unique_ptr<std::byte[]>> slabs_;
  std::vector<std::byte*> free_;
};

}  // namespace weir
