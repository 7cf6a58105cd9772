// Exact arithmetic on JSON numbers, for digits that a double does not hold.
#pragma once
#include <string>
#include <string_view>

namespace weir {

/// Appends `later` − `earlier`, two JSON numbers, as a JSON number without needless zeros. The result is exact where
/// both have at most 36 digits and no exponent (110.3 − 100.1 is 10.2). Otherwise it is the difference of the nearest
/// doubles, or `null` beyond their range and where a text is not a number.
void append_difference(std::string& out, std::string_view later, std::string_view earlier);

/// As append_difference(), as the nearest double: exact up to 2^53. NaN instead of `null`.
double nearest_difference(std::string_view later, std::string_view earlier);

/// Compares two JSON numbers whose nearest doubles are equal: negative, zero or positive as in strcmp. The result is
/// exact for digits of any length; a number with an exponent is equal to the other one.
int compare_digits(std::string_view a, std::string_view b);

}  // namespace weir
