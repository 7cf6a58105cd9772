// CRC32C, which tells damaged bytes from those that were written.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace weir::state {

/// CRC32C (Castagnoli; RFC 3720, B.4) of the parts in order.
std::uint32_t crc32c(std::initializer_list<std::string_view> parts);

/// The same of bytes that come piece by piece.
class Crc32c {
 public:
  void add(std::string_view bytes);
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = 0xFFFFFFFF;
};

/// The same where the processor has no instruction for it; for tests.
std::uint32_t crc32c_by_table(std::initializer_list<std::string_view> parts);

}  // namespace weir::state
