// The words and the hash of a key in a KeyTable.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir {

/// Two integers that with the length determine a key of up to 16 bytes.
struct KeyWords {
  KeyWords(const char* p, std::size_t n) {
    if (n >= 8) {
      first = load8(p);
      second = load8(p + n - 8);
    } else if (n >= 4) {
      first = load4(p);
      second = load4(p + n - 4);
    } else if (n > 0) {
      first = byte(p[0]) | byte(p[n / 2]) << 8;
      second = byte(p[n - 1]);
    }
  }
  friend bool operator==(const KeyWords&, const KeyWords&) = default;

  static std::uint64_t load8(const char* p) {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    return word;
  }

  std::uint64_t first = 0;
  std::uint64_t second = 0;

 private:
  static std::uint64_t load4(const char* p) {
    std::uint32_t word;
    std::memcpy(&word, p, sizeof word);
    return word;
  }
  static std::uint64_t byte(char c) { return static_cast<unsigned char>(c); }
};

/// The words of a key and its hash. Of a key of more than 16 bytes `first` is a hash of all but the last eight.
struct KeyDigest : KeyWords {
  explicit KeyDigest(std::string_view key) : KeyWords(key.data(), key.size()) {
    const std::size_t n = key.size();
    for (std::size_t i = 8; i + 8 < n; i += 8) first = mix(first, load8(key.data() + i));
    const std::uint64_t hash = mix(first ^ (n * 0x9e3779b97f4a7c15U), second);
    tag = static_cast<std::uint32_t>(hash ^ (hash >> 32));
  }

  std::uint32_t tag = 0;  ///< 32 bits of the hash

 private:
  /// The 128-bit product folded to 64 bits: every bit of both numbers reaches every bit of the hash (as in wyhash).
  static std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    __extension__ using Product = unsigned __int128;
    const Product product = static_cast<Product>(a ^ 0xa0761d6478bd642fU) * (b ^ 0xe7037ed1a0b428dbU);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
};

}  // namespace weir
