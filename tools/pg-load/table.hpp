// One table: its columns, and how records become its rows.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "columns.hpp"
#include "record/record.hpp"
#include "table_name.hpp"
#include "time/timestamp.hpp"

namespace weir::pg_load {

/// What happens to a field that has no column.
enum class ExtraFields : std::uint8_t { reject, ignore, add_columns };

/// A row of COPY text, with what is needed to reject it later.
struct Row {
  std::uint64_t line = 0;  ///< of the record in the input
  std::size_t text = 0;    ///< its offset in the part's text; it ends where the next one begins
  std::size_t raw = 0;     ///< offset of the record's line in the batch's raw bytes
  std::size_t raw_size = 0;
};

/// Rows of one table with the same columns.
struct Part {
  const class Table* table = nullptr;
  std::vector<std::string> columns;  ///< of a row, in order; the table may have more by now
  unsigned version = 0;              ///< of the table's layout
  std::string text;
  std::vector<Row> rows;
  std::vector<std::uint64_t> key_hashes;  ///< of each row's key, as COPY text

  /// False when no two rows have the same key as text; the server may still take two texts for the same value.
  bool may_have_doubles() const;

  /// The COPY text of rows first to last, the last not included.
  std::string_view text_of(std::size_t first, std::size_t last) const {
    const std::size_t end = last < rows.size() ? rows[last].text : text.size();
    return std::string_view(text).substr(rows[first].text, end - rows[first].text);
  }
};

/// Rows that are loaded in one transaction.
struct Batch {
  std::optional<std::uint64_t> epoch;  ///< with checkpoints: committed with the rows
  std::vector<Part> parts;
  std::string raw;  ///< the records' lines, where the rejects keep them
  std::size_t rows = 0;
  std::size_t bytes = 0;

  std::string_view raw_of(const Row& row) const { return std::string_view(raw).substr(row.raw, row.raw_size); }
};

/// Maps a record's members to the columns of a table. Knows no server.
class Table {
 public:
  Table(TableName name, std::vector<std::string> keys) : name_(std::move(name)), keys_(std::move(keys)) {}

  const TableName& name() const { return name_; }
  const std::vector<Column>& columns() const { return columns_; }
  /// The columns that records have had so far, in the order in which they came; the others keep their defaults.
  const std::vector<std::size_t>& layout() const { return layout_; }
  unsigned version() const { return version_; }
  /// The columns' names, in the order of layout().
  std::vector<std::string> layout_names() const;
  /// The columns of --upsert.
  const std::vector<std::string>& keys() const { return keys_; }

  /// Takes the columns that the catalogue has. Throws std::runtime_error when a key is not among them.
  void set_columns(std::vector<Column> columns);

  /// Finds the column of every member. `extra` decides on a field that has none. With add_columns such members are put
  /// into `missing`; call place() again when their columns exist.
  Verdict place(const Record& record, ExtraFields extra, std::vector<const Member*>& missing);

  /// Appends the row of the record that place() was called with to `part`, whose layout must be layout(). The part is
  /// unchanged when it is rejected.
  Verdict append_row(const Record& record, Part& part, TimeParser& times);

 private:
  static constexpr std::ptrdiff_t none = -1;
  std::ptrdiff_t slot_of(std::size_t column);

  TableName name_;
  std::vector<std::string> keys_;
  std::vector<Column> columns_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::vector<std::size_t> key_columns_;
  std::vector<char> is_key_;  ///< by column
  std::vector<std::size_t> layout_;
  std::vector<std::ptrdiff_t> slot_of_column_;  ///< a column's place in the layout
  unsigned version_ = 0;

  /// The members of the last record that was placed, so that records of the same shape cost no look-up.
  struct Placed {
    std::string raw_key;
    std::ptrdiff_t slot = none;
  };
  std::vector<Placed> shape_;
  std::vector<const Value*> slots_;
};

}  // namespace weir::pg_load
