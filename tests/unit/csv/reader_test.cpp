#include "csv/reader.hpp"

#include "catch.hpp"
#include "csv/cell.hpp"
#include "csv/header.hpp"

using namespace weir::csv;

TEST_CASE("a table has a header, rows with their lines, and problems") {
  const Table table = parse_table("email,name\na@b.c,\"Doe, J\"\nonly one\nx\"y,z\nd@e.f,\n");
  CHECK(table.header == std::vector<std::string>{"email", "name"});
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[0].line == 2);
  CHECK(table.rows[0].cells == std::vector<std::string>{"a@b.c", "Doe, J"});
  CHECK(table.rows[1].line == 5);
  CHECK(table.rows[1].cells[1].empty());
  REQUIRE(table.problems.size() == 2);
  CHECK(table.problems[0].line == 3);
  CHECK(table.problems[0].reason == "1 cells where the header has 2");
  CHECK(table.problems[1].line == 4);
  CHECK(table.column("name") == std::optional<std::size_t>(1));
  CHECK_FALSE(table.column("nome"));
  CHECK(parse_table("").header.empty());
}

TEST_CASE("a file that is not there is an error that names it") {
  CHECK_THROWS_WITH(read_table("/nonexistent/x.csv"), contains_text("/nonexistent/x.csv"));
}

TEST_CASE("column names are all different and none is empty") {
  const auto names = [](std::vector<std::string_view> header) { return column_names(header); };
  CHECK(names({"a", "b"}) == std::vector<std::string>{"a", "b"});
  CHECK(names({"", "a", ""}) == std::vector<std::string>{"column_1", "a", "column_3"});
  CHECK(names({"a", "a", "a_2", "a"}) == std::vector<std::string>{"a", "a_3", "a_2", "a_4"});
  CHECK(names({"", "column_1"}) == std::vector<std::string>{"column_1_2", "column_1"});
}

TEST_CASE("cells are quoted where they must be") {
  const auto cell = [](std::string_view text) {
    std::string out;
    append_cell(out, text);
    return out;
  };
  CHECK(cell("plain text") == "plain text");
  CHECK(cell("a,b") == "\"a,b\"");
  CHECK(cell("say \"x\"") == "\"say \"\"x\"\"\"");
  CHECK(cell("two\nlines") == "\"two\nlines\"");
  CHECK(cell("cr\r") == "\"cr\r\"");
  CHECK(cell(" padded") == "\" padded\"");
  CHECK(cell("\xEF\xBB\xBF"
             "a") ==
        "\"\xEF\xBB\xBF"
        "a\"");
  CHECK(cell("") == "\"\"");
  std::string out;
  append_cell(out, "a;b", ';');
  append_cell(out, ",", ';');
  CHECK(out == "\"a;b\",");
}
