// Comparison of JSON numbers by their values, with all their digits.
#pragma once
#include <string_view>

#include "record/value.hpp"

namespace weir::schema {

/// Compares two numbers; negative, zero or positive as in strcmp. Exact for numbers without an exponent, otherwise as
/// doubles.
int compare_numbers(const Value& a, const Value& b);

/// Whether a number is a whole one, however it is written (`1.0`, `1e3`).
bool is_whole_number(const Value& number);

/// Whether a number is a multiple of another, by their decimal digits (0.3 is one of 0.1). Beyond 36 digits, by the
/// nearest doubles.
bool is_multiple(const Value& number, const Value& divisor);

}  // namespace weir::schema
