// Tables of records: the last ones that have the fields of a --table.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "line_ring.hpp"
#include "record/record.hpp"

namespace weir::dash_serve {

/// What a table shows.
struct TableSpec {
  struct Column {
    std::string path;
    bool optional = false;  ///< a record without it belongs to the table too
  };
  std::string title;
  std::vector<Column> columns;
};

/// Reads `Attempts=time,channel,state,answer?`: a title (else the columns are its title), columns, `?` after optional
/// ones. Throws std::invalid_argument with the reason.
TableSpec parse_table(std::string_view text);

/// The last records of each table, as their lines.
class Tables {
 public:
  struct Settings {
    std::vector<TableSpec> tables{};
    std::size_t rows = 500;  ///< kept of each table
  };
  static constexpr std::size_t most_tables = 8;

  /// Adds the paths to `fields`. Throws std::invalid_argument on an invalid one.
  Tables(Settings settings, FieldSet& fields);

  /// The first table whose columns the record has, null included.
  std::optional<std::size_t> match(const Record& record) const;
  /// Keeps a record's line in a table, all of them within `most_bytes`.
  void keep(std::size_t table, std::string_view line, std::size_t most_bytes);

  std::size_t size() const { return rings_.size(); }
  const TableSpec& spec(std::size_t table) const { return settings_.tables[table]; }
  /// The lines of a table, the oldest first, the last ones that fit into `most` bytes. They live until the next keep().
  std::vector<std::string_view> lines(std::size_t table, std::size_t most) const;
  std::size_t bytes() const;

  /// A JSON array for the page.
  std::string json() const;

 private:
  Settings settings_;
  std::vector<std::vector<FieldId>> required_;
  std::vector<LineRing> rings_;
};

}  // namespace weir::dash_serve
