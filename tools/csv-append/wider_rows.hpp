// Rows of a table that gets more columns.
#pragma once
#include <cstddef>
#include <string>

#include "csv/row_reader.hpp"

namespace weir::csv_append {

/// Appends the rows that the reader has, each with empty cells up to `columns`. Returns false when bytes are not a row,
/// or a row has more cells.
bool append_padded(csv::RowReader& rows, char delimiter, std::size_t columns, std::string& out);

/// Rewrites the file at a path, which is open as `fd`, with another header row and padded rows. A reader sees the old
/// file or the new one. Returns false, and changes nothing, when the file has bytes that are not a row. Throws
/// std::system_error.
bool rewrite_wider(int fd, const std::string& path, const csv::Format& format, const std::string& header,
                   std::size_t columns);

}  // namespace weir::csv_append
