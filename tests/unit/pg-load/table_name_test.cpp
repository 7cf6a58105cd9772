#include "table_name.hpp"

#include "catch.hpp"
#include "parsed.hpp"

using namespace weir;
using namespace weir::pg_load;

namespace {

TableName fixed(std::string_view text) { return TableTemplate::parse(text).fixed(); }

/// The name for a record, or `!` and the reason.
std::string resolved(std::string_view text, std::string_view line) {
  TableTemplate table = TableTemplate::parse(text);
  FieldSet fields;
  table.add_fields(fields);
  RecordParser parser(fields);
  TableName name;
  const Verdict verdict = table.resolve(test::parsed(parser, line), name);
  return verdict.rejected() ? "!" + verdict.reason() : name.text();
}

}  // namespace

TEST_CASE("names are taken exactly, with a schema before a dot") {
  CHECK(fixed("readings") == TableName{"", "readings"});
  CHECK(fixed("Plant.Readings") == TableName{"Plant", "Readings"});
  CHECK(fixed("a b; drop table x") == TableName{"", "a b; drop table x"});
  CHECK(fixed(R"("odd.name"."with ""quotes"" {x}")") == TableName{"odd.name", "with \"quotes\" {x}"});
}

TEST_CASE("invalid names") {
  for (const char* bad : {"", ".x", "x.", "a.b.c", "\"open", "\"a\"b", "{open", "x{}", "x{a..b}", "\"\""})
    CHECK_THROWS_AS(TableTemplate::parse(bad), std::invalid_argument);
  CHECK_THROWS_AS(TableTemplate::parse(std::string(64, 'x')), std::invalid_argument);
  CHECK_NOTHROW(TableTemplate::parse(std::string(63, 'x')));
}

TEST_CASE("a template makes names from data, and only plain ones") {
  const std::string plain =
      "!the name that --table gives is no plain identifier (letters, digits and _, not a digit first, 63 at most)";
  CHECK(resolved("{name}_raw", R"({"name":"pump"})") == "pump_raw");
  CHECK(resolved("plant.{a}_{b.c}", R"({"a":"x","b":{"c":7}})") == "plant.x_7");
  CHECK(resolved("{name}_raw", R"({"name":"New York"})") == plain);
  CHECK(resolved("{name}_raw", R"({"name":"x\"; DROP TABLE y; --"})") == plain);
  CHECK(resolved("{name}_raw", R"({"name":"pg_catalog.x"})") == plain);
  CHECK(resolved("{name}", R"({"name":"7up"})") == plain);
  CHECK(resolved("{name}", R"({"name":""})") == plain);
  CHECK(resolved("{name}", "{\"name\":\"" + std::string(64, 'x') + "\"}") == plain);
  CHECK(resolved("{name}_raw", R"({"nom":"x"})") == "!name is missing, and --table needs it");
  CHECK(resolved("{name}_raw", R"({"name":null})") == "!name is missing, and --table needs it");
}
