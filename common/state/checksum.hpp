// CRC32C, by which what was written is known to be what is read.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace weir::state {

/// CRC32C (Castagnoli; RFC 3720, B.4) of the parts, one behind the other.
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
