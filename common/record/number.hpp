// JSON numbers.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "record/byte_search.hpp"

namespace weir {

/// True when the text is a number by JSON's grammar (RFC 8259 §6): no leading zero or plus, no bare dot, no NaN.
bool is_json_number(std::string_view text);

/// As is_json_number(). Sets `value` where that costs nothing (at most 15 digits, no exponent); otherwise `value`
/// becomes NaN.
bool scan_json_number(std::string_view text, double& value);

/// The first `size` bytes of a text, 1 to 8, the first one lowest; the rest is zero. No byte after them is read.
inline std::uint64_t first_bytes(const char* text, std::size_t size) {
  const auto byte = [&](std::size_t at) { return std::uint64_t{static_cast<unsigned char>(text[at])} << (8 * at); };
  if (size < 4) return byte(0) | byte(size / 2) | byte(size - 1);
  std::uint32_t front = 0;
  std::uint32_t back = 0;  // overlaps the front, with the same bytes
  std::memcpy(&front, text, sizeof front);
  std::memcpy(&back, text + size - sizeof back, sizeof back);
  return front | std::uint64_t{back} << (8 * (size - sizeof back));
}

/// The number of eight digits, the first one in the lowest byte, so many of which are decimals.
[[gnu::always_inline]] inline double short_value(std::uint64_t digits, std::size_t decimals, bool negative) {
  static constexpr std::array<double, 8> powers_of_ten{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
  const std::uint64_t pairs = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ff;
  const std::uint64_t fours = (pairs * 100 + (pairs >> 16)) & 0x0000ffff0000ffff;
  const std::uint64_t all = (fours * 10000 + (fours >> 32)) & 0xffffffff;
  const double amount = static_cast<double>(static_cast<std::int64_t>(all)) / powers_of_ten[decimals];
  return negative ? -amount : amount;
}

/// What may be read of a text: its bytes, or nine from its begin on.
enum class Readable : std::uint8_t { text, nine };

/// As scan_json_number(), without loops, for a number of at most eight characters after its minus and without an
/// exponent; false for all others.
template <Readable readable = Readable::text>
[[gnu::always_inline]] inline bool scan_short_number(const char* text, std::size_t size, double& value) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  const bool negative = *text == '-';
  if (negative) ++text, --size;
  if (size - 1 >= 8 || (*text == '0' && size > 1 && text[1] != '.')) return false;
  std::uint64_t digits = 0;  // the first one lowest
  if constexpr (readable == Readable::nine)
    std::memcpy(&digits, text, sizeof digits);
  else
    digits = first_bytes(text, size);
  const std::size_t unused = 8 * (8 - size);  // bits
  digits = (digits ^ ones * '0') << unused;   // without what follows the text
  const std::uint64_t others = (((digits & ones * 0x7f) + ones * 0x76) | digits) & ones * 0x80;  // not 0 to 9
  std::size_t decimals = 0;
  if (others != 0) {
    const auto point = static_cast<std::size_t>(std::countr_zero(others)) - 7;
    if (others != std::uint64_t{0x80} << point || point == unused || point == 56) return false;
    if ((digits >> point & 0xff) != ('.' ^ '0')) return false;
    decimals = (56 - point) / 8;
    const std::uint64_t whole = digits & ((std::uint64_t{1} << point) - 1);
    digits = whole << 8 | digits >> (point + 8) << (point + 8);
  }
  value = short_value(digits, decimals, negative);
  return true;
}

/// Finds the end of a number of at most 15 characters without an exponent that a comma or a closing brace follows;
/// nullptr for all other texts. `point` becomes the place of its point, or its size. 16 bytes must be readable.
[[gnu::always_inline]] inline const char* short_number_end(const char* text, std::size_t& point) {
  Bytes bytes;
  std::memcpy(&bytes, text, sizeof bytes);
  const std::size_t first = *text == '-' ? 1 : 0;
  std::uint32_t others = bits_of(Bytes((bytes - '0') > 9)) & ~static_cast<std::uint32_t>(first);
  if (others == 0) return nullptr;
  auto end = static_cast<std::size_t>(std::countr_zero(others));
  if (end == first || (text[first] == '0' && end > first + 1)) return nullptr;
  point = end;
  if (text[end] == '.') {
    others &= others - 1;
    if (others == 0) return nullptr;
    end = static_cast<std::size_t>(std::countr_zero(others));
    if (end == point + 1) return nullptr;
  }
  return text[end] == ',' || text[end] == '}' ? text + end : nullptr;
}

/// The value of a number of at most eight characters after its minus, with the place of its point as above; nine bytes
/// must be readable.
[[gnu::always_inline]] inline double short_number_value(const char* text, std::size_t size, std::size_t point) {
  const bool negative = *text == '-';
  if (negative) ++text, --size, --point;
  std::uint64_t digits = 0;  // the first one lowest
  std::memcpy(&digits, text, sizeof digits);
  digits = (digits ^ 0x3030303030303030U) << (8 * (8 - size));  // without what follows the text
  std::size_t decimals = 0;
  if (point < size) {
    decimals = size - point - 1;
    const std::uint64_t after = ~std::uint64_t{0} << (8 * (8 - size + point));
    digits = (digits & ~after) << 8 | (digits & after << 8);
  }
  return short_value(digits, decimals, negative);
}

/// The double nearest to a JSON number. Nothing when the text is not one, or the value is beyond a double's range.
std::optional<double> parse_json_number(std::string_view text);

/// As above, into `value`. Returns false when there is none; `value` is then undefined.
bool parse_json_number(std::string_view text, double& value);

/// Appends the shortest digits that read back as the same double. NaN and infinities become `null`: JSON has none.
void append_number(std::string& out, double value);
void append_number(std::string& out, std::int64_t value);
void append_number(std::string& out, std::uint64_t value);

}  // namespace weir
