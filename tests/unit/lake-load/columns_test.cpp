#include "columns.hpp"

#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "parsed.hpp"

using namespace weir;
using namespace weir::lake_load;

namespace {

struct Case {
  explicit Case(ColumnSettings settings = {})
      : columns((fields.read_members(), std::move(settings)), fields, {}, {}, values), parser(fields) {}

  /// Why a record is rejected; empty where it is taken.
  std::string take(std::string_view line) {
    columns.begin_record();
    const Verdict verdict = columns.check(test::parsed(parser, line));
    if (!verdict.rejected()) columns.accept();
    return verdict.reason();
  }
  std::string types() const {
    std::string text;
    for (const Column& column : columns.all()) text += column.name + ' ' + column.type.name() + ';';
    return text;
  }

  FieldSet fields;
  ValueReader values{TimeParser(), Inexact::rejected};
  Columns columns;
  RecordParser parser;
};

}  // namespace

TEST_CASE("columns get their types with the first value that is not null") {
  ColumnSettings settings;
  settings.time_names = {"ts"};
  Case made(settings);
  CHECK(made.take(R"({"a":null,"b":1,"ts":"2026-01-01T00:00:00Z"})").empty());
  CHECK(made.types() == "b double;ts timestamp;");
  CHECK(made.take(R"({"a":"x","b":null,"c":{"d":1}})").empty());
  CHECK(made.types() == "b double;ts timestamp;a string;c json;");
}

TEST_CASE("a record without a column is a row of nulls, and rejected while there is no column") {
  Case made;
  const std::string none =
      "no field has a value for a column of the file, and the table has no column yet (--schema gives them)";
  CHECK(made.take("{}") == none);
  CHECK(made.take(R"({"a":null})") == none);
  CHECK(made.take(R"({"a":1})").empty());
  CHECK(made.take("{}").empty());
}

TEST_CASE("a record that is refused makes no column") {
  Case made;
  CHECK(made.take(R"({"a":1})").empty());
  CHECK(made.take(R"({"new":1,"a":"x"})") == "a \"x\" does not fit its column of type double");
  CHECK(made.take(R"({"new":"text"})").empty());
  CHECK(made.types() == "a double;new string;");
  CHECK(made.take(R"({"New":"text"})") == "New differs from a column by capitals alone");
}

TEST_CASE("numbers fit where their columns hold them exactly") {
  ColumnSettings settings;
  settings.types = {"whole=bigint", "money=decimal(5,2)", "wide=decimal(38,10)"};
  Case made(settings);
  const auto fits = [&](const std::string& line) { return made.take(line).empty(); };
  CHECK(fits(R"({"whole":9223372036854775807,"money":999.99,"wide":1234567890123456789012345678.0123456789,"d":0.1})"));
  CHECK(fits(R"({"whole":7.0,"money":"-1.5","wide":"0","d":1e300})"));
  CHECK_FALSE(fits(R"({"whole":9223372036854775808})"));
  CHECK_FALSE(fits(R"({"whole":1.5})"));
  CHECK_FALSE(fits(R"({"money":1000})"));
  CHECK_FALSE(fits(R"({"money":1.005})"));
  CHECK_FALSE(fits(R"({"money":"1,5"})"));
  CHECK_FALSE(fits(R"({"d":9007199254740993})"));
  CHECK(fits(R"({"d":9007199254740992})"));
  CHECK_FALSE(fits(R"({"d":1e400})"));
}

TEST_CASE("a schema names all columns, from within objects too") {
  ColumnSettings settings;
  settings.schema = "# what is kept\nid string\n\nlocation.lat as lat double\r\n";
  Case made(settings);
  CHECK(made.types() == "id string;lat double;");
  CHECK(made.take(R"({"id":"a","location":{"lat":47.5,"lon":8}})").empty());
  CHECK(made.take(R"({"id":"a","location":{"lat":"n"}})") == "lat \"n\" does not fit its column of type double");
  CHECK(made.take(R"({"id":"a","other":1})") == "other has no column in --schema");
  settings.schema = "id text";
  CHECK_THROWS_AS(Case(settings), std::invalid_argument);
  settings.schema = "id decimal(3,5)";
  CHECK_THROWS_AS(Case(settings), std::invalid_argument);
}
