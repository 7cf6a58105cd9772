// Texts that are kept for long, one after the other in blocks.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace weir {

/// Keeps copies of texts without a block of the heap for each. A copy stays where it is. What is forgotten is not used
/// again: the owner copies the rest into another ByteBlocks once this one is_wasteful().
class ByteBlocks {
 public:
  const char* keep(std::string_view text) {
    if (text.size() > left_) {
      const std::size_t size = std::max(text.size(), next_block_);
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
      place_ = blocks_.back().get();
      left_ = size;
      next_block_ = std::min(next_block_ * 2, largest_block);
    }
    char* const kept = place_;
    std::memcpy(kept, text.data(), text.size());
    place_ += text.size();
    left_ -= text.size();
    held_ += text.size();
    return kept;
  }
  void forget(std::size_t size) { forgotten_ += size; }

  /// Whether more than half of the bytes are forgotten.
  bool is_wasteful() const { return forgotten_ > held_ / 2; }

 private:
  static constexpr std::size_t largest_block = 65536;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* place_ = nullptr;
  std::size_t left_ = 0;
  std::size_t next_block_ = 256;
  std::size_t held_ = 0;  ///< bytes kept, forgotten ones included
  std::size_t forgotten_ = 0;
};

}  // namespace weir
