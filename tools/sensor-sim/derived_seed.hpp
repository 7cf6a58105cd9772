// A seed for each part of a simulation.
#pragma once
#include <cstdint>
#include <string_view>

#include "state/random.hpp"

namespace weir::sensor_sim {

/// The seed of a part that has a name.
inline std::uint64_t derived_seed(std::uint64_t seed, std::string_view name) { return Random(name, seed).next(); }

}  // namespace weir::sensor_sim
