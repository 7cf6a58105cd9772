// Vectors of which some become so large that the processor cannot keep the addresses of their pages.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace weir {

/// Allocates as std::allocator. From a megabyte on it asks for pages of 2 MiB where the system has them: a random
/// access to smaller ones mostly waits for the address of its page too.
template <typename T>
class LargeAllocator {
 public:
  using value_type = T;

  LargeAllocator() = default;
  template <typename Other>
  LargeAllocator(const LargeAllocator<Other>&) {}  // as an allocator must

  T* allocate(std::size_t count) {
    if (!is_large(count)) return std::allocator<T>().allocate(count);
    const std::size_t size = (count * sizeof(T) + page - 1) / page * page;
    void* const block = std::aligned_alloc(page, size);
    if (block == nullptr) throw std::bad_alloc();
    static_cast<void>(::madvise(block, size, MADV_HUGEPAGE));  // what it cannot give is only slower
    return static_cast<T*>(block);
  }
  void deallocate(T* block, std::size_t count) {
    if (is_large(count))
      std::free(block);
    else
      std::allocator<T>().deallocate(block, count);
  }

  friend bool operator==(const LargeAllocator&, const LargeAllocator&) { return true; }

 private:
  static constexpr std::size_t page = std::size_t{2} << 20;
  static bool is_large(std::size_t count) { return count >= (std::size_t{1} << 20) / sizeof(T); }
};

template <typename T>
using LargeVector = std::vector<T, LargeAllocator<T>>;

/// Bytes without a value, from a LargeAllocator.
struct LargeBytesDeleter {
  std::size_t size = 0;
  void operator()(std::byte* bytes) const { LargeAllocator<std::byte>().deallocate(bytes, size); }
};
using LargeBytes = std::unique_ptr<std::byte[], LargeBytesDeleter>;
inline LargeBytes make_large_bytes(std::size_t size) {
  return LargeBytes(LargeAllocator<std::byte>().allocate(size), LargeBytesDeleter{size});
}

}  // namespace weir
