// The cells of a row without quotes, found in one pass.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "record/byte_search.hpp"

namespace weir::csv {

/// Finds delimiters, quotes and the line end of 64 bytes at once.
class PlainCells {
 public:
  /// Bytes after those given that must be readable.
  static constexpr std::size_t padding = 64;

  /// Splits the row that begins at `row`. Returns its line end, and the last cell ends there; nullptr where a quote
  /// comes before, or no line end before `end`.
  [[gnu::always_inline]] const char* split(const char* row, const char* end, char delimiter, char line_end) {
    const auto between = static_cast<std::uint8_t>(delimiter);
    const auto last = static_cast<std::uint8_t>(line_end);
    Bytes seen{};
    std::size_t count = 0;
    const char* cell = row;
    for (const char* p = row; p < end; p += 4 * sizeof(Bytes)) {
      const auto stops_of = [&](std::size_t at) -> std::uint64_t {
        Bytes bytes;
        std::memcpy(&bytes, p + at, sizeof bytes);
        seen |= bytes;
        return std::uint64_t{bits_of((bytes == between) | (bytes == last) | (bytes == '"'))} << at;
      };
      std::uint64_t stops = stops_of(0) | stops_of(16) | stops_of(32) | stops_of(48);
      if (cells_.size() < count + 64) cells_.resize(2 * count + 64);
      std::string_view* next = cells_.data() + count;
      for (; stops != 0; stops &= stops - 1) {
        const char* const stop = p + std::countr_zero(stops);
        *next++ = {cell, static_cast<std::size_t>(stop - cell)};
        cell = stop + 1;
        if (*stop == delimiter) continue;
        count_ = static_cast<std::size_t>(next - cells_.data());
        ascii_ = bits_of(seen) == 0;
        return *stop == line_end && stop < end ? stop : nullptr;
      }
      count = static_cast<std::size_t>(next - cells_.data());
    }
    return nullptr;
  }

  /// The cells of the row that was split.
  std::span<std::string_view> cells() { return {cells_.data(), count_}; }
  /// Whether that row is ASCII for sure.
  bool ascii() const { return ascii_; }

 private:
  std::vector<std::string_view> cells_;
  std::size_t count_ = 0;
  bool ascii_ = false;
};

}  // namespace weir::csv
