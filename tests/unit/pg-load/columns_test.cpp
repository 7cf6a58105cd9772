#include "columns.hpp"

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::pg_load;

namespace {

/// The type of the column that a field gets by its first value; a record is `{"x":VALUE}`.
std::string type_for(const std::string& value, bool is_time = false, TimeParser times = TimeParser()) {
  FieldSet fields;
  fields.read_members();
  RecordParser parser(fields);
  const std::string line = "{\"x\":" + value + "}";
  const Record* record = parser.parse_copy(line, 1);
  REQUIRE(record != nullptr);
  return column_for(record->members()[0], is_time, times).type;
}

/// The type that a column of this kind becomes for a number.
std::string wider(ColumnKind kind, std::string_view number, bool within_double = true) {
  Column column;
  column.kind = kind;
  const auto to = wider_kind(column, number, within_double);
  return to ? std::string(type_of_kind(*to)) : "none";
}

bool has_weather(std::string_view line) {
  FieldSet fields;
  fields.read_members();
  RecordParser parser(fields);
  return is_weather(*parser.parse_copy(line, 1));
}

}  // namespace

TEST_CASE("a column's type comes from its first value") {
  CHECK(type_for("1") == "BIGINT");
  CHECK(type_for("-9223372036854775808") == "BIGINT");
  CHECK(type_for("9223372036854775808") == "NUMERIC");
  CHECK(type_for("1.5") == "DOUBLE PRECISION");
  CHECK(type_for("20.0") == "DOUBLE PRECISION");
  CHECK(type_for("1e3") == "DOUBLE PRECISION");
  CHECK(type_for("22.033333333333335") == "DOUBLE PRECISION");  // 17 digits, as doubles are written
  CHECK(type_for("0.1234567890123456789") == "NUMERIC");
  CHECK(type_for("1e400") == "NUMERIC");
  CHECK(type_for("true") == "BOOLEAN");
  CHECK(type_for("[1]") == "JSONB");
  CHECK(type_for(R"({"a":1})") == "JSONB");
  CHECK(type_for("\"x\"") == "TEXT");
}

TEST_CASE("RFC 3339 with an offset, and the record's time, become TIMESTAMPTZ") {
  CHECK(type_for("\"2026-01-01T00:00:00Z\"") == "TIMESTAMPTZ");
  CHECK(type_for("\"2026-01-01T00:00:00.123456-02:30\"") == "TIMESTAMPTZ");
  CHECK(type_for("\"2026-01-01T00:00:00.123456789Z\"") == "TEXT");  // finer than the type keeps
  CHECK(type_for("\"2026-01-01 00:00:00\"") == "TEXT");
  CHECK(type_for("\"2026-01-01\"") == "TEXT");
  CHECK(type_for("\"2026-99-01T00:00:00Z\"") == "TEXT");
  CHECK(type_for("1661870592") == "BIGINT");
  CHECK(type_for("1661870592", true) == "TIMESTAMPTZ");
  CHECK(type_for("\"2026-01-01 00:00:00\"", true) == "TIMESTAMPTZ");
  CHECK(type_for("\"soon\"", true) == "TEXT");
}

TEST_CASE("a column becomes as wide as its numbers need") {
  CHECK(wider(ColumnKind::integer, "2.5") == "DOUBLE PRECISION");
  CHECK(wider(ColumnKind::integer, "2.5", false) == "NUMERIC");  // it has a number that a double rounds
  CHECK(wider(ColumnKind::integer, "9223372036854775808") == "NUMERIC");
  CHECK(wider(ColumnKind::integer, "0.1234567890123456789") == "NUMERIC");
  CHECK(wider(ColumnKind::double_precision, "9007199254740993") == "NUMERIC");
  CHECK(wider(ColumnKind::double_precision, "1e400") == "NUMERIC");
  CHECK(wider(ColumnKind::double_precision, "1e999999") == "none");
  CHECK(wider(ColumnKind::integer, "1e-999999999999999999999") == "none");
  CHECK(wider(ColumnKind::numeric, "1.5") == "none");
  CHECK(wider(ColumnKind::real, "1.23456789") == "none");
}

TEST_CASE("which number column is the wider one") {
  CHECK(is_wider(ColumnKind::numeric, ColumnKind::integer));
  CHECK(is_wider(ColumnKind::double_precision, ColumnKind::integer));
  CHECK_FALSE(is_wider(ColumnKind::integer, ColumnKind::double_precision));
  CHECK_FALSE(is_wider(ColumnKind::numeric, ColumnKind::numeric));
  CHECK_FALSE(is_wider(ColumnKind::text, ColumnKind::integer));
  CHECK_FALSE(is_wider(ColumnKind::numeric, ColumnKind::text));
}

TEST_CASE("weather records are told by three fields") {
  CHECK(has_weather(R"({"gust":4,"city":"Oslo","timestamp":"2026-01-01T00:00:00Z","temperature_c":null})"));
  CHECK_FALSE(has_weather(R"({"city":"Oslo","timestamp":"2026-01-01T00:00:00Z"})"));
  CHECK(weather_columns().size() == 11);
  for (const Column& column : weather_columns()) CHECK_FALSE(column.widens);
}

TEST_CASE("a type is a type and nothing more") {
  for (const char* good : {"bigint", "double precision", "varchar(40)", "numeric(12, 4)", "timestamp(3) with time zone",
                           "text[]", "geo.point"})
    CHECK(is_type_expression(good));
  for (const char* bad : {"", " text", "text; drop table x", "text, y text", "text default 'x'", "\"text\"", "varchar(",
                          "varchar()", "int)", "varchar(a)", "text--", "4711", "(4)", "text[", "t\nu"})
    CHECK_FALSE(is_type_expression(bad));
}

TEST_CASE("names that no column can have") {
  CHECK(column_name_problem("") != nullptr);
  CHECK(column_name_problem(std::string(64, 'x')) != nullptr);
  CHECK(column_name_problem(std::string_view("a\0b", 3)) != nullptr);
  CHECK(column_name_problem(std::string(63, 'x')) == nullptr);
  for (const char* system : {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
    CHECK(column_name_problem(system) != nullptr);
  CHECK(column_name_problem("CTID") == nullptr);
  CHECK(column_name_problem("a \"quoted\"; name") == nullptr);
}

TEST_CASE("kinds of the catalogue's types") {
  CHECK(kind_of_type("float8") == ColumnKind::double_precision);
  CHECK(kind_of_type("int2") == ColumnKind::integer);
  CHECK(kind_of_type("timestamptz") == ColumnKind::time);
  CHECK(kind_of_type("jsonb") == ColumnKind::json);
  CHECK(kind_of_type("bpchar") == ColumnKind::text);
  CHECK(kind_of_type("uuid") == ColumnKind::other);
}
