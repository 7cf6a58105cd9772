// The rows of a table's file: CSV, NDJSON or TOML.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "record/value.hpp"

namespace weir::tables {

/// A file that cannot be used as a table; the text has its name and, where there is one, the line.
class TableError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Format : std::uint8_t { csv, tsv, ndjson, toml };

/// The format that a name's end tells: .csv, .tsv, .ndjson, .jsonl, .toml; nothing for another.
std::optional<Format> format_of(std::string_view path);

/// What a file is and how it is read.
struct RowSettings {
  std::string name;               ///< of the file, for messages
  Format format = Format::csv;
  char delimiter = ',';           ///< of CSV
  std::vector<std::string> text;  ///< columns of CSV whose cells stay strings
};

/// The columns of a text in their order: those of the header, or the members of the first row. Throws TableError.
std::vector<std::string> columns_of(std::string_view text, const RowSettings& settings);

/// Takes the values of a row; they are valid during the call.
using EachRow = std::function<void(std::uint64_t line, std::span<const Value> values)>;

/// Calls `each` for every row, with the values of `columns` in their order. In CSV a cell by JSON's grammar of numbers
/// is one, an empty cell is null, any other is a string. In NDJSON and TOML a column is a path. Throws TableError, also
/// for a column that CSV does not have.
void read_rows(std::string_view text, const RowSettings& settings, const std::vector<std::string>& columns,
               const EachRow& each);

}  // namespace weir::tables
