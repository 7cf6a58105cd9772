// Columns: what the catalogue's types mean for a JSON value, and which types a new table gets.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"
#include "time/timestamp.hpp"

namespace weir::pg_load {

/// How a JSON value is written into a column.
enum class ColumnKind : std::uint8_t {
  text,      ///< text, varchar, char, citext: a string's content, any other token as it stands
  floating,  ///< real, double precision, numeric
  integer,   ///< smallint, integer, bigint
  time,      ///< timestamp, timestamptz: in UTC
  date,      ///< date: of the time in UTC
  json,      ///< json, jsonb: the token
  other      ///< boolean, uuid, inet …: as text; the server checks it
};

/// The kind of a type by its name in pg_type (`float8`, `timestamptz`).
ColumnKind kind_of_type(std::string_view type);

/// A column of an existing table.
struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::other;
  bool generated = false;        ///< computed by the server: takes no value
  bool identity_always = false;  ///< takes a value when a row is made, not when it is updated
};

/// A column to be made. Its type was checked by is_type_expression().
struct NewColumn {
  std::string name;
  std::string type;
};

/// True when the text can only be a type: words, a dot, digits in parentheses, [] (`varchar(40)`, `numeric(12,4)`,
/// `double precision`, `text[]`); never a quote, a second column or a statement.
bool is_type_expression(std::string_view text);

/// The columns of a table of weather records, in order; the same whether or not the records have all of them.
std::span<const NewColumn> weather_columns();

/// The type that a field's values so far need.
class TypeGuess {
 public:
  /// `is_time`: the value is a timestamp in the field that holds the record's time.
  void see(const Value& value, bool is_time);

  /// TIMESTAMP, DOUBLE PRECISION, NUMERIC (where a number has more digits than a double holds, 15), BOOLEAN, JSONB,
  /// TEXT.
  std::string_view type() const;

 private:
  enum : std::uint8_t { number = 1, precise = 2, boolean = 4, string = 8, structure = 16, time = 32 };
  std::uint8_t seen_ = 0;
};

/// The columns of a table that does not exist yet, from its first records.
class TableGuess {
 public:
  using Types = std::map<std::string, std::string, std::less<>>;

  TableGuess(std::string time_field, const Types& types) : time_field_(std::move(time_field)), types_(&types) {}

  /// Rejects a record whose field cannot name a column.
  Verdict see(const Record& record, TimeParser& times);

  /// Weather records (a time, `city` and `temperature_c`) give the weather columns, then what else they have; others
  /// their fields in the order in which they came. Types that the user gave win.
  std::vector<NewColumn> columns() const;

  /// Whether the column of the record's time has a timestamp's type, so that an index on it is useful.
  bool has_time() const;

  /// The type for a single value in a new column.
  std::string type_for(const Member& member, TimeParser& times) const;

 private:
  struct Field {
    std::string name;
    TypeGuess guess;
  };
  bool is_weather() const;

  std::string time_field_;
  const Types* types_;
  std::vector<Field> fields_;
};

/// Why a field's name cannot be a column's (empty, longer than 63 bytes, with NUL), or nullptr.
const char* column_name_problem(std::string_view name);

}  // namespace weir::pg_load
