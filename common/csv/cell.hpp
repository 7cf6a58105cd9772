// Writing cells.
#pragma once
#include <string>
#include <string_view>

namespace weir::csv {

/// Appends a cell's text, in quotes where RFC 4180 needs them (delimiter, quote, CR or LF in it) and where readers
/// would cut it (a blank at either end, a byte order mark before it) or take it for nothing (empty: `""`, so that it is
/// not a null's empty cell).
void append_cell(std::string& out, std::string_view text, char delimiter = ',');

}  // namespace weir::csv
