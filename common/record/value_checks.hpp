// Checks that stages share for the fields they read.
#pragma once
#include <cstdint>
#include <string_view>

#include "record/record.hpp"

namespace weir {

/// The reason to reject a value that is not a number: `humidity is not a number`.
Verdict reject_number(std::string_view name, const Value& value);

/// Reads `rev`, the revision of a row: a whole number, or 0 when missing or null.
Verdict read_rev(const Value& value, std::uint64_t& rev);

}  // namespace weir
