#include "tables.hpp"

#include <stdexcept>

#include "board.hpp"
#include "catch.hpp"

using namespace weir;
using namespace weir::dash_serve;

TEST_CASE("a table is read from its option text") {
  const TableSpec table = parse_table("Mails sent=time,to.address,answer?");
  CHECK(table.title == "Mails sent");
  REQUIRE(table.columns.size() == 3);
  CHECK(table.columns[1].path == "to.address");
  CHECK_FALSE(table.columns[1].optional);
  CHECK(table.columns[2].path == "answer");
  CHECK(table.columns[2].optional);
  CHECK(parse_table("id,state").title == "id,state");
  for (const char* bad : {"", "x=", "a,,b", "a,", "a?,b?", "\xff"})
    CHECK_THROWS_AS(parse_table(bad), std::invalid_argument);
}

TEST_CASE("records with a table's fields are its rows, and no cards") {
  Board board(
      {.by = {"city"}, .tables = {.tables = {parse_table("Attempts=id,state,answer?"), parse_table("id")}, .rows = 3}});
  RecordParser parser(board.fields());
  const auto feed = [&](const std::string& line) {
    const Record* record = parser.parse_copy(line, 1);
    return record != nullptr && !board.take(*record).rejected();
  };
  for (int i = 0; i < 5; ++i) CHECK(feed(R"({"id":)" + std::to_string(i) + R"(,"state":"later"})"));
  CHECK(feed(R"({"id":null,"state":null,"city":"Oslo"})"));
  CHECK(feed(R"({"id":7})"));
  CHECK(feed(R"({"city":"Oslo","v":1})"));
  CHECK(feed(R"({"city":"Oslo","id":1,"state":"firing","rule":"x"})"));  // still an alert
  CHECK(feed(R"({"city":{"a":1},"id":8,"state":"odd"})"));               // a row needs no key
  const auto lines = [&](std::size_t table, std::size_t most) {
    std::vector<std::string> out;
    for (const std::string_view line : board.tables().lines(table, most)) out.emplace_back(line);
    return out;
  };
  using Lines = std::vector<std::string>;
  CHECK(lines(0, 1000) == Lines{R"({"id":4,"state":"later"})", R"({"id":null,"state":null,"city":"Oslo"})",
                                R"({"city":{"a":1},"id":8,"state":"odd"})"});
  CHECK(lines(0, 45) == Lines{R"({"city":{"a":1},"id":8,"state":"odd"})"});
  CHECK(lines(0, 10).empty());
  CHECK(lines(1, 1000) == Lines{R"({"id":7})"});
  CHECK(board.keys() == 1);
  CHECK(board.firing() == 1);
  CHECK(board.records() == 10);
  CHECK(board.tables().json() ==
        R"([{"title":"Attempts","columns":[{"field":"id"},{"field":"state"},{"field":"answer","optional":true}]},)"
        R"({"title":"id","columns":[{"field":"id"}]}])");
}

TEST_CASE("tables stay within their part of the memory") {
  constexpr std::size_t limit = 1 << 20;
  Board board({.by = {"city"},
               .max_bytes = limit,
               .tables = {.tables = {parse_table("id"), parse_table("no")}, .rows = 10'000}});
  RecordParser parser(board.fields());
  for (int i = 0; i < 2000; ++i) {
    const std::string line = R"({"id":1,"pad":")" + std::string(1000, 'x') + "\"}";
    REQUIRE_FALSE(board.take(*parser.parse_copy(line, 1)).rejected());
  }
  CHECK(board.tables().bytes() <= limit / 8 + 4096);
  CHECK(board.bytes() <= limit);
}
