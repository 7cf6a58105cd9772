// The offset from UTC at the end of a timestamp.
#pragma once
#include <string_view>

#include "time/time_types.hpp"

namespace weir {

/// Takes `+02:00`, `-0330` or `+02` from the front of a text. False when it does not begin with an offset; both are
/// then undefined.
bool take_offset(std::string_view& text, Duration& offset);

}  // namespace weir
