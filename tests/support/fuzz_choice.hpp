// The input of a fuzz target that has several ways to read a text.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

/// The first byte chooses the way; without one it is 0. The text is in memory of its own, so that a read beyond its end
/// is found.
struct FuzzChoice {
  FuzzChoice(const std::uint8_t* data, std::size_t size)
      : choice(size == 0 ? 0 : data[0]),
        text(reinterpret_cast<const char*>(data) + (size == 0 ? 0 : 1), size == 0 ? 0 : size - 1) {}

  std::uint8_t choice;
  std::string text;
};
