// Where the value of a member ends, found without tokens.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace weir {

/// Bytes that are compared at once; a comparison has a byte of ones where it holds.
using Bytes [[gnu::vector_size(16)]] = std::uint8_t;

/// A bit for each byte, the lowest for the first: the bytes' highest bits, or where a comparison holds.
[[gnu::always_inline]] inline std::uint32_t bits_of(Bytes bytes) {
#ifdef __SSE2__
  return static_cast<std::uint32_t>(_mm_movemask_epi8(std::bit_cast<__m128i>(bytes)));
#else
  static_assert(std::endian::native == std::endian::little);  // the first byte is the lowest
  const auto gathered = [](std::uint64_t half) {
    const std::uint64_t lowest = half >> 7 & 0x0101010101010101U;
    return static_cast<std::uint32_t>(lowest * 0x0102040810204080U >> 56);
  };
  const auto [low, high] = std::bit_cast<std::array<std::uint64_t, 2> >(bytes);
  return gathered(low) | gathered(high) << 8;
#endif
}

/// The first byte where a comparison holds; 16 when there is none.
[[gnu::always_inline]] inline std::size_t first_of(Bytes holds) {
#ifdef __SSE2__
  return static_cast<std::size_t>(std::countr_zero(bits_of(holds) | 0x10000U));
#else
  static_assert(std::endian::native == std::endian::little);  // the first byte is the lowest
  const auto [low, high] = std::bit_cast<std::array<std::uint64_t, 2> >(holds);
  return static_cast<std::size_t>(low != 0 ? std::countr_zero(low) : 64 + std::countr_zero(high)) / 8;
#endif
}

/// The first byte from `p` on of which `is_stop` is true, or a place at or after `end`. As RecordParser::padding tells,
/// bytes after `end` are read.
template <typename IsStop>
[[gnu::always_inline]] inline const char* find_stop(const char* p, const char* end, IsStop is_stop) {
  for (;; p += sizeof(Bytes)) {
    Bytes bytes;
    std::memcpy(&bytes, p, sizeof bytes);
    const std::size_t stop = first_of(is_stop(bytes));
    if (stop < sizeof bytes) return p + stop;
    if (p >= end) return end;
  }
}

/// The next byte that a string cannot have as it is: its closing quote, a backslash or a control character.
[[gnu::always_inline]] inline const char* find_string_stop(const char* p, const char* end) {
  return find_stop(p, end, [](Bytes bytes) -> Bytes { return (bytes == '"') | (bytes == '\\') | (bytes < ' '); });
}

/// As string_end(), from the backslash or control character at `p` on.
[[gnu::cold, gnu::noinline]] inline const char* escaped_end(const char* p, const char* end) {
  while (p < end && *p != '"') {
    if (*p != '\\' || static_cast<unsigned char>(p[1]) < ' ') return nullptr;
    p = find_string_stop(p + 2, end);
  }
  return p < end ? p + 1 : nullptr;
}

/// The end of the string whose opening quote is at `p`; nullptr where it has none before `end`, or has a control
/// character. `escaped` becomes true where it has a backslash.
[[gnu::always_inline]] inline const char* string_end(const char* p, const char* end, bool& escaped) {
  p = find_string_stop(p + 1, end);
  if (p >= end) return nullptr;
  if (*p == '"') return p + 1;
  escaped = true;
  return escaped_end(p, end);
}

/// The end of the number or word at `p`, where a blank or another token could begin; nullptr where it has no bytes or
/// no end before `end`.
[[gnu::always_inline]] inline const char* word_end(const char* p, const char* end) {
  const char* const after = find_stop(p, end, [](Bytes bytes) -> Bytes {
    const Bytes folded = bytes | 0x20;  // '[' and '{', ']' and '}' differ in one bit
    return (bytes <= ' ') | (bytes == '"') | (bytes == ',') | (bytes == ':') | (folded == '{') | (folded == '}');
  });
  return after > p && after < end ? after : nullptr;
}

/// The first byte from `p` on that is not a blank within a line, or `end`.
[[gnu::always_inline]] inline const char* skip_blanks(const char* p, const char* end) {
  if (static_cast<unsigned char>(*p) > ' ') return p;
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\r')) ++p;
  return p;
}

}  // namespace weir
