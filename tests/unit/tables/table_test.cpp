#include "tables/table.hpp"

#include <cmath>
#include <string>

#include "catch.hpp"

using namespace weir;
using namespace weir::tables;

namespace {

TableSettings settings_of(Format format, std::vector<std::string> keys, std::vector<FieldAs> take = {}) {
  TableSettings settings;
  settings.rows = {"t", format, ',', {}};
  settings.keys = std::move(keys);
  settings.take = std::move(take);
  return settings;
}

std::string found(const Table& table, std::string_view key, Position at = 0) {
  const auto row = table.find(key, at);
  return row ? std::string(row->members) : "none";
}

std::string refusal(std::string_view text, const TableSettings& settings) {
  try {
    const Table table(text, settings);
  } catch (const TableError& error) {
    return error.what();
  }
  return "taken";
}

Position at(const char* time) { return position_of(*TimeParser().parse(time)); }

}  // namespace

TEST_CASE("a table of CSV: numbers by JSON's grammar, empty cells are null, all else is text") {
  const Table table("id,a,b,c\nx,1.50,,007\n\"y\",-2e3,\"q \"\"z\"\"\",true\n5,1,2,3\n",
                    settings_of(Format::csv, {"id"}));
  CHECK(found(table, "x") == R"(,"a":1.50,"b":null,"c":"007")");
  CHECK(found(table, "y") == R"(,"a":-2e3,"b":"q \"z\"","c":"true")");
  CHECK(found(table, "5") == R"(,"a":1,"b":2,"c":3)");
  CHECK(found(table, "z") == "none");
  CHECK(table.size() == 3);
}

TEST_CASE("columns are chosen, renamed, and kept as text") {
  TableSettings settings = settings_of(Format::csv, {"id"}, {{"b", "name"}, {"a"}});
  settings.rows.text = {"a"};
  const Table table("id,a,b\nx,1,2\n", settings);
  CHECK(found(table, "x") == R"(,"name":2,"a":"1")");
  const auto row = table.find("x");
  REQUIRE(row);
  CHECK(row->ends.size() == 2);
  CHECK(row->ends[0] == std::string(R"(,"name":2)").size());
}

TEST_CASE("NDJSON and TOML give the same table") {
  const auto take = std::vector<FieldAs>{{"place.lat", "lat"}, {"on"}, {"n"}};
  const Table lines("{\"id\":\"a\\u0062\",\"place\":{\"lat\":31.2},\"on\":true,\"n\":7}\n\n{\"id\":3}\n",
                    settings_of(Format::ndjson, {"id"}, take));
  const Table toml("[[row]]\nid = \"ab\"\nplace = {lat = 31.2}\non = true\nn = 7\n[[row]]\nid = 3\n",
                   settings_of(Format::toml, {"id"}, take));
  for (const Table* table : {&lines, &toml}) {
    CHECK(found(*table, "ab") == R"(,"lat":31.2,"on":true,"n":7)");
    CHECK(found(*table, "3") == R"(,"lat":null,"on":null,"n":null)");
  }
}

TEST_CASE("a key of several fields") {
  const Table table("a,b,v\nx,1,10\nx,11,20\nx1,1,30\n", settings_of(Format::csv, {"a", "b"}));
  const auto key = [](std::string_view a, std::string_view b) {
    std::string text;
    append_key(text, a, 2);
    append_key(text, b, 2);
    return text;
  };
  CHECK(found(table, key("x", "1")) == R"(,"v":10)");
  CHECK(found(table, key("x", "11")) == R"(,"v":20)");
  CHECK(found(table, key("x1", "1")) == R"(,"v":30)");
  CHECK(found(table, key("x11", "")) == "none");
}

TEST_CASE("rows with the same key are refused, or the first or the last counts") {
  TableSettings settings = settings_of(Format::csv, {"id"});
  const std::string text = "id,v\na,1\nb,2\na,3\na,4\n,5\n";
  CHECK(refusal(text, settings) == "t:4: the same key as on line 2; --duplicates first or last takes one of them");
  settings.duplicates = Duplicates::first;
  const Table first(text, settings);
  CHECK(found(first, "a") + found(first, "b") == R"(,"v":1,"v":2)");
  settings.duplicates = Duplicates::last;
  const Table last(text, settings);
  CHECK(found(last, "a") + found(last, "b") == R"(,"v":4,"v":2)");
  CHECK(last.duplicates() == 2);
  CHECK(last.without_key() == 1);
}

TEST_CASE("an interval has its begin and not its end; a missing end is open") {
  TableSettings settings = settings_of(Format::csv, {"id"});
  settings.order = Order::numbers;
  settings.from = "low";
  settings.to = "high";
  const Table table("id,high,low,v\na,10,0,x\na,,20,y\na,-1.5,,z\nb,0,-0.0001,w\n", settings);
  const std::vector<std::pair<double, const char*>> expectations{
      {0, "x"},     {-0.0, "x"},  {9.99, "x"}, {10, ""},    {19.9, ""},
      {20.0, "y"},  {1e300, "y"}, {-1.5, ""},  {-1.6, "z"}, {-1e300, "z"}};
  for (const auto& [number, expected] : expectations)
    CHECK(found(table, "a", position_of(number)) ==
          (*expected == 0 ? std::string("none") : std::string(R"(,"v":")") + expected + '"'));
  CHECK(found(table, "b", position_of(-0.0001)) == R"(,"v":"w")");
  CHECK(refusal("id,low,high\na,0,10\na,9,12\n", settings) ==
        "t:3: an interval that overlaps, of the same key as on line 2");
  CHECK(refusal("id,low,high\na,10,10\n", settings) == "t:2: low is not before high");
  CHECK(refusal("id,low,high\na,0,x\n", settings) == "t:2: high \"x\" is not a number");
}

TEST_CASE("numbers keep their order as positions") {
  const double numbers[] = {-INFINITY, -1e308, -1.5, -1, -5e-324, 0, 5e-324, 1, 1.5, 1e308, INFINITY};
  for (const double a : numbers)
    for (const double b : numbers) CHECK((position_of(a) < position_of(b)) == (a < b));
}

TEST_CASE("the latest row as of a time") {
  TableSettings settings = settings_of(Format::csv, {"id"});
  settings.order = Order::as_of;
  settings.from = "since";
  const Table table("id,since,v\na,2026-02-01T00:00:00Z,2\na,2026-01-01T00:00:00Z,1\nb,2026-03-01T00:00:00+01:00,3\n",
                    settings);
  CHECK(found(table, "a", at("2025-12-31T23:59:59Z")) == "none");
  CHECK(found(table, "a", at("2026-01-01T00:00:00Z")) == R"(,"v":1)");
  CHECK(found(table, "a", at("2026-01-31T23:59:59.999Z")) == R"(,"v":1)");
  CHECK(found(table, "a", at("2027-01-01T00:00:00Z")) == R"(,"v":2)");
  CHECK(found(table, "b", at("2026-02-28T23:00:00Z")) == R"(,"v":3)");
  CHECK(refusal("id,since\na,soon\n", settings) == "t:2: since \"soon\" is not a time");
  CHECK(refusal("id,since\na,\n", settings) == "t:2: no since");
}

TEST_CASE("a file that is no table is refused with its line") {
  const TableSettings csv = settings_of(Format::csv, {"id"});
  CHECK(refusal("", csv) == "t: no header: the file is empty");
  CHECK(refusal("ID,v\nx,1\n", csv) == "t: no column 'id'; the nearest is 'ID'");
  CHECK(refusal("id,v\nx\n", csv) == "t:2: 1 cells where the header has 2");
  CHECK(refusal("id,v\nx,\xff\n", csv) == "t: not UTF-8");
  const TableSettings lines = settings_of(Format::ndjson, {"id"}, {{"v"}});
  CHECK(refusal("{\"id\":1,\"w\":2}\n", lines) == "t: no row has 'v'; there are id, w");
  CHECK(refusal("{\"id\":1,\"v\":2}\nx\n", lines).starts_with("t:2: "));
  const TableSettings toml = settings_of(Format::toml, {"id"}, {{"v"}});
  CHECK(refusal("[[a]]\nid = \n", toml).starts_with("t:2: "));
  CHECK(refusal("id = 1\n", toml) == "t: expected rows of one name, each under a line such as [[meter]]");
}
