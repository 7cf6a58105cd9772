// Where a column stops keeping its values and begins to sum them up.
#pragma once
#include <cstddef>

namespace weir {

/// Up to this many values (different ones, where those are counted) are kept exactly; more become a sketch or bins.
inline constexpr std::size_t exact_limit = 1024;

}  // namespace weir
