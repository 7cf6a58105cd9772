// The usual cells of a table as JSON: short numbers and short plain texts.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "record/byte_search.hpp"

namespace weir::csv_tail {

/// Bytes that write_short_cell() may touch.
constexpr std::size_t short_cell_room = 64;

/// Bytes that a number of JSON, or one that CellRules without marks takes, may have.
[[gnu::always_inline]] inline Bytes may_be_of_number(Bytes bytes) {
  return ((bytes - '0') <= 9) | ((bytes - '+') <= '.' - '+') | ((bytes | 0x20) == 'e');
}

/// Bytes that a JSON string cannot have as they are.
[[gnu::always_inline]] inline Bytes need_escape(Bytes bytes) {
  return (bytes < ' ') | (bytes == '"') | (bytes == '\\') | (bytes == 0x7f);
}

/// Whether a text of at most 16 bytes, of which `others` are no digits, is a number of JSON without an exponent.
[[gnu::always_inline]] inline bool is_short_number(std::string_view text, std::uint32_t others) {
  const std::size_t first = text[0] == '-' ? 1 : 0;
  const std::uint32_t rest = others & ~std::uint32_t(first);
  if ((rest & (rest - 1)) != 0) return false;
  const std::size_t whole = rest == 0 ? text.size() : static_cast<std::size_t>(std::countr_zero(rest));
  if (whole == first || (text[first] == '0' && whole > first + 1)) return false;
  return rest == 0 || (text[whole] == '.' && whole + 1 < text.size());
}

/// Writes an empty cell, a number of at most 16 bytes or a text of at most 32 that needs no escapes; 32 bytes must be
/// readable there. Returns the end, or nullptr for all other cells.
[[gnu::always_inline]] inline char* write_short_cell(char* to, std::string_view cell) {
  constexpr std::size_t block = sizeof(Bytes);
  const std::size_t size = cell.size();
  if (size > 2 * block) return nullptr;
  if (size == 0) {
    std::memcpy(to, "null", 4);
    return to + 4;
  }
  Bytes front;
  std::memcpy(&front, cell.data(), block);
  const std::uint64_t within = (std::uint64_t{1} << size) - 1;
  if (static_cast<unsigned char>(cell[0] - '+') <= '9' - '+') {
    if (size <= block &&
        is_short_number(cell, static_cast<std::uint32_t>(bits_of(Bytes((front - '0') > 9)) & within))) {
      std::memcpy(to, &front, block);
      return to + size;
    }
    if ((~bits_of(may_be_of_number(front)) & within & 0xFFFF) == 0) return nullptr;
  }
  std::uint64_t escapes = bits_of(need_escape(front));
  *to = '"';
  std::memcpy(to + 1, &front, block);
  if (size > block) {
    Bytes back;
    std::memcpy(&back, cell.data() + block, block);
    escapes |= std::uint64_t{bits_of(need_escape(back))} << block;
    std::memcpy(to + 1 + block, &back, block);
  }
  if ((escapes & within) != 0) return nullptr;
  to[size + 1] = '"';
  return to + size + 2;
}

}  // namespace weir::csv_tail
