// Bytes of any kind as part of a line.
#pragma once
#include <string>
#include <string_view>

namespace weir::state {

/// Appends bytes with newline, NUL and backslash as \n, \0 and \\.
void append_escaped(std::string& line, std::string_view bytes);

/// Appends what append_escaped() has made of some bytes, as they were.
void append_unescaped(std::string& bytes, std::string_view escaped);

}  // namespace weir::state
