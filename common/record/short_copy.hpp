// Copies of a few bytes.
#pragma once
#include <array>
#include <cstddef>
#include <cstring>

namespace weir {

/// As memcpy(), in place: of a few bytes its call takes longer than they do.
[[gnu::always_inline]] inline void copy_short(char* to, const char* from, std::size_t size) {
  // The first and the last bytes, which may overlap.
  const auto ends = [=]<std::size_t half>() {
    std::array<char, half> first, last;
    std::memcpy(first.data(), from, half);
    std::memcpy(last.data(), from + size - half, half);
    std::memcpy(to, first.data(), half);
    std::memcpy(to + size - half, last.data(), half);
  };
  if (size > 32)
    std::memcpy(to, from, size);
  else if (size >= 16)
    ends.template operator()<16>();
  else if (size >= 8)
    ends.template operator()<8>();
  else if (size >= 4)
    ends.template operator()<4>();
  else
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
}

}  // namespace weir
