// Subtraction of decimal numbers.
#pragma once
#include <string>
#include <string_view>

namespace weir::win_delta {

/// Appends `later` − `earlier`, two JSON numbers, as a JSON number without needless zeros. The result is exact where
/// both have at most 18 digits and no exponent (110.3 − 100.1 is 10.2). Otherwise it is the difference of the nearest
/// doubles, or `null` beyond their range.
void append_difference(std::string& out, std::string_view later, std::string_view earlier);

}  // namespace weir::win_delta
