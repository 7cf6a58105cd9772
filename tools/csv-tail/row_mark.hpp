// Which rows of a file were read, to find them again in a file that was written anew.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "csv/row_reader.hpp"
#include "record/key_table.hpp"
#include "row_settings.hpp"
#include "state/archive.hpp"

namespace weir::csv_tail {

/// The data rows from a file's beginning on. Empty cells at their ends do not count, since a file that gets more
/// columns has more of them.
struct RowMark {
  std::uint64_t rows = 0;
  std::uint64_t sum = 0;  ///< a hash of their text

  void add(const csv::Row& row, char delimiter);
  void state(StateArchive& archive) { archive.values(rows, sum); }
  friend bool operator==(const RowMark&, const RowMark&) = default;
};

/// The knowledge of a table that outlives one file, since a followed table continues after a rotation.
struct TableMemory {
  explicit TableMemory(std::uint64_t max_keys = RowSettings{}.max_keys) : orders(max_keys) {}

  std::vector<std::string> header{};  ///< the cells of the last header row
  RowMark last{};                     ///< the rows of the file that was read to its end last
  std::uint64_t repeated_headers = 0;
  std::uint64_t ragged_rows = 0;
  RowOrder order{};           ///< of the records' times
  KeyTable<RowOrder> orders;  ///< with keys, of each of them
  bool guess_reported = false;
  bool repeat_reported = false;
  bool hint_given = false;  ///< an option was named that a cell asks for

  /// The orders of all keys as bytes of a snapshot; empty without keys.
  std::string saved_orders();
  /// Throws SnapshotError.
  void load_orders(std::string_view saved);

  /// A message for the end of the run, or nothing.
  std::string summary() const;
};

/// The offset after the marked rows in an open file that has them under a header with further columns at its end.
/// Nothing where the file has not; only a table with a header row as its first line is looked at. `name` is for
/// messages. Throws std::system_error.
std::optional<std::uint64_t> find_in_wider(int fd, const std::string& name, const RowSettings& settings,
                                           std::span<const std::string> header, const RowMark& mark);

}  // namespace weir::csv_tail
