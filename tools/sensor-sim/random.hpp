// Random numbers that are the same on every machine, unlike those of std::distributions.
#pragma once
#include <cstdint>
#include <string_view>

namespace weir::sensor_sim {

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// A uniform number in [0, 1) of 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11U) * 0x1p-53; }

  /// An approximately normal number, mean 0, standard deviation 1: the sum of four uniform numbers of 16 bits, so
  /// within ±3.47.
  double normal() {
    const std::uint64_t b = bits();
    const std::uint64_t sum = (b & 0xffffU) + ((b >> 16U) & 0xffffU) + ((b >> 32U) & 0xffffU) + (b >> 48U);
    // Four times the variance of 0 … 65535 is 4 × (65536² − 1) / 12, the mean 4 × 32767.5.
    constexpr double deviation = 37837.2275061;
    return (static_cast<double>(sum) - 131070.0) / deviation;
  }

 private:
  std::uint64_t state_;
};

/// A seed for a part of the simulation, derived from its name.
inline std::uint64_t derived_seed(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = seed ^ 0xcbf29ce484222325U;  // FNV-1a, then mixed
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return Random(hash).bits();
}

}  // namespace weir::sensor_sim
