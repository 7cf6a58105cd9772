// One order over all JSON tokens, so that rows and ties come out the same every time.
#pragma once
#include <cstdint>
#include <string_view>

namespace weir {

/// Compares two JSON tokens: negative, zero or positive as in strcmp. null < false < true < numbers < strings < arrays
/// < objects, as in jq; numbers by value (whole numbers of any length exactly), equal ones (`1.0`, `1.00`) by length
/// and then by bytes; strings, arrays and objects by the bytes they are written with. An empty token (a missing value)
/// counts as null.
int compare_tokens(std::string_view a, std::string_view b);

/// A number that goes up with the token: of two tokens with different prefixes, the one with the lesser prefix is the
/// lesser by compare_tokens(). Makes sorting many of them cheap.
std::uint64_t order_prefix(std::string_view token);

/// compare_tokens() of two tokens that are known to be numbers.
int compare_number_tokens(std::string_view a, std::string_view b);

}  // namespace weir
