// The columns of the table: made from the records or given by a schema.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "column_type.hpp"
#include "record/field_set.hpp"
#include "record/record.hpp"
#include "state/archive.hpp"

namespace weir::lake_load {

/// A column of the table.
struct Column {
  std::string name;
  ColumnType type;
  bool in_path = false;            ///< a partition's name has its values, the files have not
  std::optional<FieldId> field{};  ///< of a column from within nested objects

  void state(StateArchive& archive) { archive.values(name, type, in_path); }
};

/// Where the values of a column are: in the files, or in the names of partitions.
enum class ValuesIn : std::uint8_t { files, path };

/// What the options tell of columns.
struct ColumnSettings {
  std::string schema;              ///< the text of --schema: `FIELD [as NAME] TYPE` a line; empty: by the records
  std::vector<std::string> types;  ///< FIELD=TYPE, of columns that records make
  bool ignore_extra = false;       ///< with a schema: fields without a column are left out
  std::uint64_t max_columns = 500;
  std::vector<std::string> time_names;  ///< of fields whose times become timestamps
  std::string forbidden;                ///< characters that no column's name has
};

/// The columns in order of their first values. A record that is refused leaves nothing here.
class Columns {
 public:
  /// Adds the fields of a schema to `fields`. Throws std::invalid_argument, naming the option. `partitions` are the
  /// names that partitions have; those in `own` stand for the record's field of that name.
  Columns(ColumnSettings settings, FieldSet& fields, const std::vector<std::string>& partitions,
          const std::vector<std::string>& own, ValueReader& values);

  /// Forgets the columns that a record before would have made.
  void begin_record();
  /// Whether the record's values fit; new columns are noted until accept().
  Verdict check(const Record& record);
  void accept();
  /// Appends the record's values, one to each column that is not in the path.
  void append(const Record& record, std::vector<ParquetValues>& to);

  /// Notes a column whose values partitions have; it is there from the next accept().
  void add_in_path(const std::string& name, ColumnType type);
  /// Takes a column of a table that is there. Throws std::runtime_error where it is known with another type.
  void adopt(const std::string& name, ColumnType type, ValuesIn place);

  std::span<const Column> all() const { return columns_; }
  const Column* find(std::string_view name) const;
  /// The type that --type or --schema gives a field.
  std::optional<ColumnType> given_type(const std::string& name) const;
  std::vector<ParquetColumn> of_file() const;

  void state(StateArchive& archive);

 private:
  /// What a member of a record is for.
  enum class Use : std::uint8_t { column, in_path, nested, taken, unknown };
  struct Known {
    Use use = Use::unknown;
    std::size_t column = 0;
  };
  void read_schema(FieldSet& fields);
  void index();
  Known find_use(const std::string& name) const;
  const Known& use_of(std::size_t position, std::string_view key);
  Verdict check_value(const Column& column, const Value& value);
  Verdict check_new(const Member& member);

  ColumnSettings settings_;
  ValueReader& values_;
  std::vector<std::pair<std::string, ColumnType>> given_;
  std::vector<std::string> partitions_;
  std::vector<std::string> own_;
  std::vector<std::string> nested_;  ///< top-level names that a schema reads into
  std::vector<Column> columns_;
  bool any_in_files_ = false;  ///< some column is not in the path
  std::vector<Column> coming_;
  std::vector<Column> coming_in_path_;
  std::unordered_map<std::string, Known> known_;
  /// The use of a member at each position of the last record: most records have the same members in the same order.
  std::vector<std::pair<std::string, Known>> last_;
  std::vector<const Value*> row_;
};

}  // namespace weir::lake_load
