// The end of many timestamps: seconds, milliseconds and Z.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

namespace weir {

/// Reads eight bytes like `:05.250Z` at once, into nanoseconds up to those of a leap second; false when they are
/// anything else.
inline bool read_milliseconds(const char* p, std::int64_t& ns) {
  if constexpr (std::endian::native != std::endian::little) return false;
  constexpr std::uint64_t digits = 0x00'0f'0f'0f'00'0f'0f'00;
  constexpr std::uint64_t pattern = 0x5a'30'30'30'2e'30'30'3a;  // the last byte, Z, first
  std::uint64_t values = 0;
  std::memcpy(&values, p, sizeof values);
  values ^= pattern;  // 0 to 9 where digits should be, 0 elsewhere
  if (((values | (values + (digits / 0x0f) * 6)) & ~digits) != 0) return false;
  values >>= 8;
  const std::uint64_t pairs = values * 10 + (values >> 8);  // no sum reaches into the next byte
  const std::uint64_t seconds = pairs & 0xff;
  const std::uint64_t milliseconds = (pairs >> 24 & 0xff) * 10 + (values >> 40);
  ns = static_cast<std::int64_t>(seconds * 1'000'000'000 + milliseconds * 1'000'000);
  return seconds <= 60;
}

}  // namespace weir
