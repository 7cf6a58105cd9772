// Repairs of JSON text that other programs write.
#pragma once
#include <string>
#include <string_view>

namespace weir {

/// The text without a UTF-8 byte order mark at its beginning and NULs at its end, which programs in C leave there.
std::string_view without_frame(std::string_view text);

/// Appends JSON on one line: white space outside strings is dropped, and becomes a blank where it separates two tokens.
/// The text need not be valid.
void append_on_one_line(std::string& out, std::string_view json);

/// Appends JSON with `instead` for every token outside strings that is a not-a-number or an infinity: `NaN`, `-nan`,
/// `Infinity`, `inf` in any case. Returns whether there was one. The text need not be valid.
bool append_without_nan(std::string& out, std::string_view json, std::string_view instead = "null");

}  // namespace weir
