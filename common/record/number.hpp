// JSON's numbers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// True when the text is a number by JSON's grammar (RFC 8259 §6): no leading zero or plus, no bare dot, no NaN.
bool is_json_number(std::string_view text);

/// As is_json_number; and where the value costs nothing more to tell (at most 15 digits, no exponent), it goes into
/// `value`, which otherwise becomes NaN.
bool scan_json_number(std::string_view text, double& value);

/// The nearest double to a JSON number; nothing when the text is not one, or its value is beyond a double's range.
std::optional<double> parse_json_number(std::string_view text);

/// As above, into `value`; false, and nothing of use in it, when there is none.
bool parse_json_number(std::string_view text, double& value);

/// Appends the shortest digits that read back as the same double; NaN and the infinities, which JSON lacks, as `null`.
void append_number(std::string& out, double value);
void append_number(std::string& out, std::int64_t value);
void append_number(std::string& out, std::uint64_t value);

}  // namespace weir
