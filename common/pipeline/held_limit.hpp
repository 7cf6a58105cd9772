// How much of an epoch a stage holds in memory.
#pragma once
#include <cstdint>

namespace weir {

/// Bytes of an epoch in a stage's memory after which its end is asked for, where the stage says no other number.
constexpr std::uint64_t usual_most_held = 32 << 20;

}  // namespace weir
