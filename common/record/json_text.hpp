// JSON strings: escaping on the way out, resolving escapes on the way in, and UTF-8.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

/// Appends text as a JSON string with its quotes. `text` must be UTF-8 (is_utf8).
void append_json_string(std::string& out, std::string_view text);

/// As append_json_string(), from `to` on, where there is json_string_room(). Returns the end.
char* write_json_string(char* to, std::string_view text);

/// The bytes that write_json_string() may touch for a text of so many: all are escapes, and a block is written whole.
constexpr std::size_t json_string_room(std::size_t size) { return 6 * size + 66; }

/// True when the bytes are valid UTF-8.
bool is_utf8(std::string_view bytes);

/// Appends the bytes in base64 (RFC 4648, with padding).
void append_base64(std::string& out, std::string_view bytes);

}  // namespace weir
