// A small CSV file as a whole, for lists that people keep (subscribers, cities).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "csv/row_reader.hpp"

namespace weir::csv {

/// The rows of a CSV text, held in memory.
struct Table {
  struct Line {
    std::uint64_t line = 0;  ///< where it begins, from 1
    std::vector<std::string> cells;
  };
  /// A row that cannot be used: its quotes are wrong, or its cells are not as many as the header's.
  struct Problem {
    std::uint64_t line = 0;
    std::string reason;
  };

  std::vector<std::string> header;  ///< one name a column, each different (csv/header.hpp); empty for an empty text
  std::vector<Line> rows;           ///< each with as many cells as the header
  std::vector<Problem> problems;

  /// The column of this name.
  std::optional<std::size_t> column(std::string_view name) const;
};

/// Reads a text whose first row is the header.
Table parse_table(std::string_view text, Format format = {});

/// Reads a file; throws std::system_error when it cannot be read.
Table read_table(const std::string& path, Format format = {});

}  // namespace weir::csv
