// How alike two names are, for suggestions in messages.
#pragma once
#include <cstddef>
#include <string_view>

namespace weir {

/// The number of letters to insert, remove, replace or exchange with the next that makes one of the other (Damerau
/// 1964, restricted: no letter is touched twice). Counted in bytes; takes time in proportion to the product of both
/// lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace weir
