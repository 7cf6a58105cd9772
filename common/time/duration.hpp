// Durations in text: a number and its unit.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "time/time_types.hpp"

namespace weir {

/// Reads `250ms`, `15s`, `1m`, `2h`, `1d`, `1w`, `1.5h` or a sum such as `1h30m`. Units are ns us ms s m h d w; a day
/// is 24 hours. Nothing for a number without a unit (0 included), a sign, an unknown unit or more than 292 years.
std::optional<Duration> parse_duration(std::string_view text);

/// The shortest exact form that parse_duration reads: `90s` is `1m30s`, zero is `0s`. Weeks are written as days.
std::string format_duration(Duration length);

}  // namespace weir
