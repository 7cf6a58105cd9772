// A number for a text that is the same in every build, so that it may be saved.
#pragma once
#include <cstdint>
#include <string_view>

namespace weir::state {

/// FNV-1a of 64 bits (Fowler, Noll, Vo; RFC 9923), begun from its offset basis and a seed. std::hash may be computed
/// otherwise by another standard library.
constexpr std::uint64_t fingerprint(std::string_view text, std::uint64_t seed = 0) {
  std::uint64_t sum = seed ^ 0xcbf29ce484222325U;
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return sum;
}

}  // namespace weir::state
