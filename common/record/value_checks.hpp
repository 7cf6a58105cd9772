// Checks that stages share for the fields they read.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "record/record.hpp"

namespace weir {

/// Text for a message: as it came, cut after a whole character where it has more than `most` bytes.
std::string shortened(std::string_view text, std::size_t most = 40);

/// What makes a number of text with a decimal comma, in parentheses; empty for other text.
std::string_view number_help(std::string_view text);

/// `humidity "wet" is not a number`, with the option that helps.
std::string not_a_number_text(std::string_view name, const Value& value);

/// The reject for a value that is not a number.
Verdict reject_number(std::string_view name, const Value& value);

/// What is reported of a value that is missing or null: `humidity is null: left out`.
std::string absent_text(std::string_view name, const Value& value);

/// Reads `rev`, the revision of a row: a whole number, or 0 when missing or null.
Verdict read_rev(const Value& value, std::uint64_t& rev);

}  // namespace weir
