// JSON strings: escaping on the way out, resolving escapes on the way in, and UTF-8.
#pragma once
#include <string>
#include <string_view>

namespace weir {

/// Appends text as a JSON string with its quotes. `text` must be UTF-8 (is_utf8).
void append_json_string(std::string& out, std::string_view text);

/// True when the bytes are valid UTF-8.
bool is_utf8(std::string_view bytes);

/// Appends the bytes in base64 (RFC 4648, with padding).
void append_base64(std::string& out, std::string_view bytes);

}  // namespace weir
