// Writing cells.
#pragma once
#include <string>
#include <string_view>

namespace weir::csv {

/// Appends a cell's text. It is quoted where RFC 4180 needs that (delimiter, quote, CR or LF in it), where readers
/// would cut it (a blank at either end, a byte order mark before it), and where it is empty, to differ from null's
/// empty cell.
void append_cell(std::string& out, std::string_view text, char delimiter = ',');

}  // namespace weir::csv
