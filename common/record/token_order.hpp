// One order of all JSON tokens, so that rows and ties are the same in every run.
#pragma once
#include <cstdint>
#include <string_view>

namespace weir {

/// Compares two JSON tokens; negative, zero or positive as in strcmp. null < false < true < numbers < strings < arrays
/// < objects, as in jq.
///
/// Numbers compare by value (whole numbers of any length exactly), equal ones (`1.0`, `1.00`) by length and then by
/// bytes; strings, arrays and objects by their bytes. An empty token (a missing value) counts as null.
int compare_tokens(std::string_view a, std::string_view b);

/// A number that grows with the token: where prefixes differ, they order as compare_tokens() does. It makes sorting
/// many tokens cheap.
std::uint64_t order_prefix(std::string_view token);

/// compare_tokens() of two tokens that are numbers.
int compare_number_tokens(std::string_view a, std::string_view b);

}  // namespace weir
