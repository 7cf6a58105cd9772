// JSON numbers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// True when the text is a number by JSON's grammar (RFC 8259 §6): no leading zero or plus, no bare dot, no NaN.
bool is_json_number(std::string_view text);

/// As is_json_number(). Sets `value` where that costs nothing (at most 15 digits, no exponent); otherwise `value`
/// becomes NaN.
bool scan_json_number(std::string_view text, double& value);

/// The double nearest to a JSON number. Nothing when the text is not one, or the value is beyond a double's range.
std::optional<double> parse_json_number(std::string_view text);

/// As above, into `value`. Returns false when there is none; `value` is then undefined.
bool parse_json_number(std::string_view text, double& value);

/// Appends the shortest digits that read back as the same double. NaN and infinities become `null`: JSON has none.
void append_number(std::string& out, double value);
void append_number(std::string& out, std::int64_t value);
void append_number(std::string& out, std::uint64_t value);

}  // namespace weir
