// Rows of a table that gets more columns.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "csv/row_reader.hpp"

namespace weir::csv_append {

/// The columns of the open file's header row; none while it is empty. Throws std::runtime_error when the first row
/// cannot be a header, std::system_error.
std::vector<std::string> read_columns(int fd, const std::string& path, const csv::Format& format);

/// Appends the rows that the reader has, each with empty cells up to `columns` and the end of its line, or `line_end`
/// where it has none. Returns false when bytes are not a row, or a row has more cells.
bool append_padded(csv::RowReader& rows, char delimiter, std::size_t columns, std::string_view line_end,
                   std::string& out);

/// Where bytes of a file go that is written anew.
using AppendBytes = std::function<void(std::string_view bytes)>;

/// Writes the whole of a file to `append` with another header row and padded rows. A byte order mark and the ends of
/// lines are kept. Returns false when the file has bytes that are not a row. Throws std::system_error.
bool write_wider(int fd, const std::string& path, const csv::Format& format, const std::vector<std::string>& columns,
                 const AppendBytes& append);

/// Whether the bytes of a file are rows. The last one may not be whole yet. Throws std::system_error.
bool has_only_rows(int fd, const std::string& path, const csv::Format& format);

/// Appends padded rows of a file without a header, which this program has written. Throws std::runtime_error when a row
/// cannot be read again, std::system_error.
void pad_rows(int fd, const std::string& path, const csv::Format& format, std::size_t columns,
              const AppendBytes& append);

/// Rewrites the file at a path, which is open as `fd`, as write_wider() does. A reader sees the old file or the new
/// one. Returns false, and changes nothing, when the file has bytes that are not a row. Throws std::system_error.
bool rewrite_wider(int fd, const std::string& path, const csv::Format& format, const std::vector<std::string>& columns);

}  // namespace weir::csv_append
