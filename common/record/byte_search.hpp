// Where the value of a member ends, found without tokens.
#pragma once
#include <cstdint>
#include <experimental/simd>

namespace weir {

/// The first byte from `p` on of which `is_stop` is true, or a place at or after `end`. As RecordParser::padding tells,
/// bytes after `end` are read.
template <typename IsStop>
[[gnu::always_inline]] inline const char* find_stop(const char* p, const char* end, IsStop is_stop) {
  using Bytes = std::experimental::native_simd<std::uint8_t>;
  for (;; p += Bytes::size()) {
    const auto stops = is_stop(Bytes(reinterpret_cast<const std::uint8_t*>(p), std::experimental::element_aligned));
    if (std::experimental::any_of(stops)) return p + std::experimental::find_first_set(stops);
    if (p >= end) return end;
  }
}

/// The end of the string whose opening quote is at `p`; nullptr where it has none before `end`, or has a control
/// character. `escaped` becomes true where it has a backslash.
[[gnu::always_inline]] inline const char* string_end(const char* p, const char* end, bool& escaped) {
  for (++p;; p += 2) {
    p = find_stop(p, end, [](const auto& bytes) {
      return bytes == std::uint8_t{'"'} || bytes == std::uint8_t{'\\'} || bytes < std::uint8_t{' '};
    });
    if (p >= end) return nullptr;
    if (*p == '"') return p + 1;
    if (*p != '\\' || static_cast<unsigned char>(p[1]) < ' ') return nullptr;
    escaped = true;
  }
}

/// The end of the number or word at `p`, where a blank or another token could begin; nullptr where it has no bytes or
/// no end before `end`.
[[gnu::always_inline]] inline const char* word_end(const char* p, const char* end) {
  const char* const after = find_stop(p, end, [](const auto& bytes) {
    const auto folded = bytes | std::uint8_t{0x20};  // '[' and '{', ']' and '}' differ in one bit
    return bytes <= std::uint8_t{' '} || bytes == std::uint8_t{'"'} || bytes == std::uint8_t{','} ||
           bytes == std::uint8_t{':'} || folded == std::uint8_t{'{'} || folded == std::uint8_t{'}'};
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
