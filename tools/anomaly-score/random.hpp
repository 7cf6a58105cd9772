// Random numbers that are the same on every machine.
#pragma once
#include <cstdint>
#include <string_view>

namespace weir::anomaly_score {

/// SplitMix64 (Steele and others 2014): one word of state.
class Random {
 public:
  Random() = default;
  /// The numbers of a key: the same for the same key and seed.
  Random(std::string_view key, std::uint64_t seed) : state_(seed ^ 0xcbf29ce484222325U) {
    for (const char c : key) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  /// From 0 to below 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// From 0 to below `count`, which is far below 2^64.
  std::uint64_t below(std::uint64_t count) { return next() % count; }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace weir::anomaly_score
