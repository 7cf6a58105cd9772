// What stages check of the fields that they read.
#pragma once
#include <cstdint>
#include <string_view>

#include "record/record.hpp"

namespace weir {

/// Why a value that should be a number is rejected: `humidity is not a number`.
Verdict reject_number(std::string_view name, const Value& value);

/// Reads `rev`, the number of a row's revision: a whole number, or 0 where it is missing or null.
Verdict read_rev(const Value& value, std::uint64_t& rev);

}  // namespace weir
