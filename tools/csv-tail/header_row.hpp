// Looks at the first row of a table: a header, a row of data, or neither.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "csv/row_reader.hpp"

namespace weir::csv_tail {

/// The delimiter that a first line `sep=;` names, as spreadsheets write it.
std::optional<char> named_delimiter(std::string_view line);

/// Whether a first row continues a table whose header is known: it has numbers or times where that has names.
bool continues_table(std::span<const std::string_view> row, std::span<const std::string> header);

/// Whether all cells of a header row that are not empty are numbers or times, so that it is a row of data. Numbers that
/// count up by one, as of columns or years, are names.
bool is_data(std::span<const std::string_view> header);

/// A delimiter that the header row has more often than the one that it was split by, as a message has it; empty: none.
std::string likelier_delimiter(const csv::Row& header, char delimiter);

}  // namespace weir::csv_tail
