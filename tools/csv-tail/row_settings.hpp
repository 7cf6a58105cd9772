// The settings of a table's rows.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cell_rules.hpp"
#include "csv/row_reader.hpp"
#include "time/source_time.hpp"

namespace weir::csv_tail {

/// The treatment of a row with fewer or more cells than the header.
enum class Ragged : std::uint8_t { rejected, allowed };

/// The settings of a table's rows. Options name columns as the header row does.
struct RowSettings {
  csv::Format format{};
  std::string encoding{};              ///< for iconv; empty: UTF-8
  std::uint64_t skip_lines = 0;        ///< lines before the header row
  std::vector<std::string> columns{};  ///< names for files without a header row; empty: the first row has them
  CellRules cells{};
  std::vector<std::string> only{};                             ///< columns that become fields; empty: all
  std::vector<std::string> text{};                             ///< columns whose cells stay text
  std::vector<std::pair<std::string, std::string>> renames{};  ///< columns and the fields that they become
  std::vector<std::string> time_columns{};  ///< their cells, joined by blanks, are the record's time; empty: none
  SourceTimeSettings time{};
  std::vector<std::string> by{};         ///< columns that make the key of a series; empty: the table is one
  std::uint64_t max_keys = 1'000'000;    ///< series whose order is held
  std::optional<Duration> max_future{};  ///< how far a time may be ahead of the clock
  std::function<Time()> clock{};         ///< the wall clock; needed with a limit
  Ragged ragged = Ragged::rejected;
  bool strict = false;                             ///< a column that an option names must be there
  Duration quote_limit = std::chrono::seconds(5);  ///< how long a quote may stay open in a file that grows
};

}  // namespace weir::csv_tail
