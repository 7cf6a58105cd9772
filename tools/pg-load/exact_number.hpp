// Whether PostgreSQL's number types hold a JSON number exactly.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::pg_load {

/// True when the number reads back as it came from a double precision column: its digits are the shortest of the
/// nearest double. All take a number by JSON's grammar.
bool is_exact_double(std::string_view number);
/// As above, of a real column.
bool is_exact_real(std::string_view number);

/// Appends a whole number without point and exponent (`75.0` as `75`, `1e3` as `1000`). Returns false, appending
/// nothing, when it is not whole or beyond 64 bits.
bool append_int64(std::string& out, std::string_view number);

/// True for a number nearer to zero than 2^53, where a double holds every whole number.
bool is_within_double(std::string_view number);

/// The decimals that a number needs: 1 for `1.50`, 3 for `1e-3`, 0 for `20.0`.
std::int64_t decimals_of(std::string_view number);

/// The power of ten of its first digit: 2 for `123.4`, -1 for `0.5`; 0 for zero.
std::int64_t magnitude_of(std::string_view number);

}  // namespace weir::pg_load
