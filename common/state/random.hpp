// Random numbers that are the same on every machine, unlike those of std::distributions, and go on from a snapshot.
#pragma once
#include <cstdint>
#include <string_view>

#include "state/fingerprint.hpp"

namespace weir {

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014): one word of state.
class Random {
 public:
  Random() = default;
  explicit Random(std::uint64_t seed) : state_(seed) {}
  /// The numbers of a part that has a name, such as a key: the same for the same name and seed.
  Random(std::string_view name, std::uint64_t seed) : state_(state::fingerprint(name, seed)) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// A uniform number in [0, 1) of 53 bits.
  double uniform() { return static_cast<double>(next() >> 11U) * 0x1p-53; }

  /// A uniform number below `count`, which is far below 2^64.
  std::uint64_t below(std::uint64_t count) { return next() % count; }

  /// An approximately normal number, mean 0, standard deviation 1: the sum of four uniform numbers of 16 bits, so
  /// within ±3.47.
  double normal() {
    const std::uint64_t b = next();
    const std::uint64_t sum = (b & 0xffffU) + ((b >> 16U) & 0xffffU) + ((b >> 32U) & 0xffffU) + (b >> 48U);
    // Four times the variance of 0 … 65535 is 4 × (65536² − 1) / 12, the mean 4 × 32767.5.
    constexpr double deviation = 37837.2275061;
    return (static_cast<double>(sum) - 131070.0) / deviation;
  }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace weir
