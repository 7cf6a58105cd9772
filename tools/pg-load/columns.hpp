// Columns: what the catalogue's types mean for a JSON value, and which types new columns get.
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
  text,              ///< text, varchar, char, citext: a string's content, any other token as it stands
  integer,           ///< smallint, integer, bigint
  real,              ///< exact by six to nine digits
  double_precision,  ///< exact by 15 to 17 digits
  numeric,           ///< every digit, or the decimals that it was declared with
  time,              ///< timestamp, timestamptz: in UTC
  date,              ///< date: the local day
  json,              ///< json, jsonb: the token
  boolean,  ///< boolean: true and false, in a column that the user has made also what the server takes for them
  other     ///< uuid, inet …: as text; the server checks it
};

/// The kind of a type by its name in pg_type (`float8`, `timestamptz`).
ColumnKind kind_of_type(std::string_view type);

/// A column of a table.
struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::other;
  bool generated = false;        ///< computed by the server: takes no value
  bool identity_always = false;  ///< takes a value when a row is made, not when it is updated
  bool widens = false;           ///< pg-load chose its type by the values, and may choose a wider one
  int decimals = -1;             ///< that it was declared with, of a second in a time; -1: all that its type has
  std::string type{};            ///< as SQL, of a column that is to be made
};

/// Columns by the name of their field, of the types that the user gave.
using GivenColumns = std::map<std::string, Column, std::less<>>;

/// True when the text can only be a type: words, a dot, digits in parentheses, [] (`varchar(40)`, `numeric(12,4)`,
/// `double precision`, `text[]`); never a quote, a second column or a statement.
bool is_type_expression(std::string_view text);

/// The columns of a table of weather records, in order; the same whether or not the records have all of them.
std::span<const Column> weather_columns();

/// True for a record of the weather, by its fields: timestamp, city and temperature_c, null or not.
bool is_weather(const Record& record);

/// The column for a field by its first value: BIGINT, DOUBLE PRECISION or NUMERIC by which holds it exactly, BOOLEAN,
/// JSONB, TIMESTAMPTZ for RFC 3339 with an offset and for the record's time, TEXT for other strings.
Column column_for(const Member& member, bool is_time, TimeParser& times);

/// The kind and type that hold what the column has held and also this number, which it does not hold exactly.
/// `within_double`: all numbers so far are whole and nearer to zero than 2^53. Nothing where no type is worth it.
std::optional<ColumnKind> wider_kind(const Column& column, std::string_view number, bool within_double);

/// True when one kind of number column holds whatever the other does: integer, double precision, numeric.
bool is_wider(ColumnKind kind, ColumnKind than);

/// `BIGINT` and so on, of a kind that column_for() gives.
std::string_view type_of_kind(ColumnKind kind);

/// Why a field's name cannot be a column's (empty, longer than 63 bytes, with NUL, a column that every table has), or
/// nullptr.
const char* column_name_problem(std::string_view name);

}  // namespace weir::pg_load
