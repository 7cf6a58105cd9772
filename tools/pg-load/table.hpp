// One table: its columns, and how records become its rows.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "columns.hpp"
#include "copy_text.hpp"
#include "pipeline/sink_stage.hpp"
#include "record/record.hpp"
#include "table_name.hpp"
#include "time/time_types.hpp"

namespace weir::pg_load {

/// What happens to a field that has no column.
enum class ExtraFields : std::uint8_t { reject, ignore, add_columns };

/// How rows are put beside those that a table has.
struct UpsertKeys {
  std::vector<std::string> keys;  ///< of --upsert; empty for a plain load
  std::string newest{};           ///< of --newest, or empty
  std::string time{};             ///< that of a hypertable, which every row needs, or empty
};

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
  std::optional<Time> watermark;       ///< the last one before its barrier
  std::vector<Part> parts;
  std::string raw;               ///< the records' lines, where the rejects keep them
  std::vector<Refusal> refused;  ///< records that were taken and cannot be loaded after all
  std::size_t rows = 0;
  std::size_t bytes = 0;

  std::string_view raw_of(const Row& row) const { return std::string_view(raw).substr(row.raw, row.raw_size); }

  /// Refuses rows that were taken out of a part.
  void refuse(const std::vector<Row>& taken_out, const std::string& reason);
};

/// Takes columns out of the rows of a part, by their names. Returns the rows that had a value there, which are gone
/// from it.
std::vector<Row> take_out_columns(Part& part, const std::set<std::string>& names);

/// A number that a column does not hold exactly, and whose column may become wider.
struct Misfit {
  std::string column;
  std::string number;
  bool operator==(const Misfit&) const = default;
};

/// The reject of a value: `temp "wet" is not a number`, with the beginning of a long one.
Verdict value_reject(const Column& column, const Value& value, const ValueProblem& problem, Conversion& conversion);

/// Where a table's name comes from.
enum class Naming : std::uint8_t { option, record };

/// Maps a record's members to the columns of a table. Knows no server.
class Table {
 public:
  Table(TableName name, UpsertKeys upsert, Naming naming = Naming::option);

  const TableName& name() const { return name_; }
  Naming naming() const { return naming_; }
  const std::vector<Column>& columns() const { return columns_; }
  /// Nothing where there is no column of that name.
  const Column* find(std::string_view name) const;
  /// The columns that records have had so far, in the order in which they came; the others keep their defaults.
  const std::vector<std::size_t>& layout() const { return layout_; }
  unsigned version() const { return version_; }
  /// The columns' names, in the order of layout().
  std::vector<std::string> layout_names() const;
  const UpsertKeys& upsert() const { return upsert_; }

  /// Why a table with these columns cannot be loaded; nothing when it can.
  std::optional<std::string> problem_with(std::span<const Column> columns) const;
  /// Takes the columns that the catalogue has.
  void set_columns(std::vector<Column> columns);
  /// Adds columns to a table that is not made yet.
  void add_columns(std::span<const Column> columns);
  /// Changes the type of a column of a table that is not made yet.
  void set_kind(const std::string& column, ColumnKind kind, std::string_view type);

  /// Finds the column of every member. `extra` decides on a field that has none. With add_columns such members are put
  /// into `missing`; call place() again when their columns exist.
  Verdict place(const Record& record, ExtraFields extra, std::vector<const Member*>& missing);

  /// Whether the record could be a row when its missing columns are made.
  Verdict check(const Record& record, Conversion& conversion);

  /// Appends the row of the record that place() was called with to `part`, whose layout must be layout(). The part is
  /// unchanged when it is rejected, or when `misfit` is set: then call it again when the column is wider, or lacks
  /// `widens`.
  Verdict append_row(const Record& record, Part& part, Conversion& conversion, std::optional<Misfit>& misfit);

  /// True while all numbers of a column that widens are whole and nearer to zero than 2^53.
  bool is_within_double(const std::string& column) const { return large_.count(column) == 0; }
  /// The column stays as it is, since the server refuses to change it.
  void forbid_widening(const std::string& column);

 private:
  static constexpr std::ptrdiff_t none = -1;
  static constexpr std::ptrdiff_t not_made = -2;  ///< its column is made when a value comes
  std::ptrdiff_t slot_of(std::size_t column);
  void index_columns();
  const char* asks_for(std::size_t needed) const;
  Verdict missing_key(std::size_t needed, const Value* value) const;

  TableName name_;
  UpsertKeys upsert_;
  Naming naming_;
  std::vector<std::string> needed_;  ///< the keys, the column of --newest and a hypertable's time
  std::vector<Column> columns_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::vector<std::ptrdiff_t> needed_columns_;
  std::vector<char> is_key_;  ///< by column
  std::vector<std::size_t> layout_;
  std::vector<std::ptrdiff_t> slot_of_column_;  ///< a column's place in the layout
  std::set<std::string> large_;                 ///< columns that have had a whole number beyond a double's
  std::set<std::string> stuck_;                 ///< columns that the server does not widen
  std::string scratch_;
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
