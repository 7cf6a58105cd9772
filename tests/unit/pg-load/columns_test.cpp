#include "columns.hpp"

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::pg_load;

namespace {

/// The columns that a table gets from these records, as `name TYPE` a line.
std::string columns_from(std::initializer_list<const char*> lines, const TableGuess::Types& types = {},
                         std::string time = "timestamp") {
  FieldSet fields;
  fields.read_members();
  RecordParser parser(fields);
  TimeParser times;
  TableGuess guess(std::move(time), types);
  for (const char* line : lines) {
    const Record* record = parser.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    REQUIRE_FALSE(guess.see(*record, times).rejected());
  }
  std::string text;
  for (const NewColumn& column : guess.columns()) text += column.name + " " + column.type + "\n";
  return text;
}

}  // namespace

TEST_CASE("a column's type comes from all values of the first records") {
  CHECK(columns_from({R"({"n":1,"b":true,"s":"x","o":{"a":1},"a":[1],"z":null})"}) ==
        "n DOUBLE PRECISION\nb BOOLEAN\ns TEXT\no JSONB\na JSONB\nz TEXT\n");
  CHECK(columns_from({R"({"x":1})", R"({"x":"one"})"}) == "x TEXT\n");
  CHECK(columns_from({R"({"x":true})", R"({"x":1})"}) == "x TEXT\n");
  CHECK(columns_from({R"({"x":"a"})", R"({"x":{"a":1}})"}) == "x JSONB\n");
  CHECK(columns_from({R"({"x":null})", R"({"x":2.5})", R"({"y":1})"}) == "x DOUBLE PRECISION\ny DOUBLE PRECISION\n");
}

TEST_CASE("numbers that a double would round make NUMERIC") {
  CHECK(columns_from({R"({"x":123456789012345})"}) == "x DOUBLE PRECISION\n");
  CHECK(columns_from({R"({"x":0.00012345678901234500})"}) == "x DOUBLE PRECISION\n");
  CHECK(columns_from({R"({"x":1000000000000000000000})"}) == "x DOUBLE PRECISION\n");
  CHECK(columns_from({R"({"x":1})", R"({"x":1499816949527975237})"}) == "x NUMERIC\n");
  CHECK(columns_from({R"({"x":1e400})"}) == "x NUMERIC\n");
}

TEST_CASE("only the field of the record's time becomes a TIMESTAMP") {
  CHECK(columns_from({R"({"timestamp":"2026-01-01T00:00:00+02:00","seen":"2026-01-01T00:00:00Z"})"}) ==
        "timestamp TIMESTAMP\nseen TEXT\n");
  CHECK(columns_from({R"({"ts":1661870592})"}, {}, "ts") == "ts TIMESTAMP\n");
  CHECK(columns_from({R"({"ts":"2026-01-01T00:00:00Z"})", R"({"ts":"soon"})"}, {}, "ts") == "ts TEXT\n");
}

TEST_CASE("weather records make the whole weather table, then what else they have") {
  const std::string weather =
      "timestamp TIMESTAMP\ncity TEXT\ntemperature_c DOUBLE PRECISION\nhumidity DOUBLE PRECISION\npressure DOUBLE "
      "PRECISION\n"
      "wind_speed DOUBLE PRECISION\nweather TEXT\nmod_high_temp BOOLEAN\nlow_temp BOOLEAN\ntemp_message TEXT\nadvice "
      "TEXT\n";
  CHECK(columns_from({R"({"gust":4,"city":"Oslo","timestamp":"2026-01-01T00:00:00Z","temperature_c":null})"}) ==
        weather + "gust DOUBLE PRECISION\n");
  CHECK(columns_from({R"({"city":"Oslo","timestamp":"2026-01-01T00:00:00Z"})"}) == "city TEXT\ntimestamp TIMESTAMP\n");
}

TEST_CASE("types that the user gives win") {
  CHECK(columns_from({R"({"id":1,"note":"x"})"}, {{"id", "bigint"}, {"note", "varchar(40)"}, {"other", "text"}}) ==
        "id bigint\nnote varchar(40)\n");
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
  CHECK(column_name_problem("a \"quoted\"; name") == nullptr);
}

TEST_CASE("kinds of the catalogue's types") {
  CHECK(kind_of_type("float8") == ColumnKind::floating);
  CHECK(kind_of_type("int2") == ColumnKind::integer);
  CHECK(kind_of_type("timestamptz") == ColumnKind::time);
  CHECK(kind_of_type("jsonb") == ColumnKind::json);
  CHECK(kind_of_type("bpchar") == ColumnKind::text);
  CHECK(kind_of_type("uuid") == ColumnKind::other);
}
