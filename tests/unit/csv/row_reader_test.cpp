#include "csv/row_reader.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using weir::csv::Blanks;
using weir::csv::Format;
using weir::csv::Quotes;
using weir::csv::Row;
using weir::csv::RowReader;

namespace {

/// Rows as text: `line:[cell][cell]`, problems as `line!raw`.
std::string read_all(std::string_view text, Format format = {}, std::size_t piece = 0) {
  RowReader reader(format);
  std::string out;
  const auto take = [&] {
    while (const Row* row = reader.next()) {
      out += std::to_string(row->line);
      if (row->problem != nullptr)
        out.append("!").append(row->raw);
      else
        out += ':';
      for (const auto cell : row->cells) out.append("[").append(cell).append("]");
      out += '|';
    }
  };
  if (piece == 0) piece = text.size() + 1;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    reader.append(text.substr(at, piece));
    take();
  }
  reader.finish();
  take();
  return out;
}

}  // namespace

TEST_CASE("rows end at LF or CRLF, and the last needs no end") {
  CHECK(read_all("a,b\r\n1,2\n3,") == "1:[a][b]|2:[1][2]|3:[3][]|");
  CHECK(read_all("") == "");
  CHECK(read_all("a,b\r") == "1:[a][b]|");
}

TEST_CASE("blank lines are passed over and counted, a byte order mark is skipped") {
  CHECK(read_all("\xEF\xBB\xBF"
                 "a\n\n\r\nb\n") == "1:[a]|4:[b]|");
  CHECK(read_all("\xEF\xBB\xBF"
                 "a\n",
                 {}, 1) == "1:[a]|");
  CHECK(read_all("\xEF\xBB", {}, 1) == "1:[\xEF\xBB]|");
}

TEST_CASE("quotes hold delimiters, line breaks and doubled quotes") {
  CHECK(read_all("\"a,\"\"x\"\"\nb\",2\n3,\"\"\n") == "1:[a,\"x\"\nb][2]|3:[3][]|");
  CHECK(read_all("\"a\r\nb\"\r\nc\r\n") == "1:[a\r\nb]|3:[c]|");
  CHECK(read_all("\"\"\"\"\n") == "1:[\"]|");
  CHECK(read_all("1,\"x\"") == "1:[1][x]|");
}

TEST_CASE("a wrong quote costs one line") {
  CHECK(read_all("a\"b,c\n1,2\n") == "1!a\"b,c|2:[1][2]|");
  CHECK(read_all("\"a\"b,c\n1,2\n") == "1!\"a\"b,c|2:[1][2]|");
  CHECK(read_all("\"a\" ,c\n1,2\n") == "1!\"a\" ,c|2:[1][2]|");
  CHECK(read_all("1,\"open\n2,\"c\",3\n4,5\n") == "1!1,\"open|2:[2][c][3]|3:[4][5]|");
  CHECK(read_all("1,\"open\n2,3\n") == "1!1,\"open|2:[2][3]|");
  CHECK(read_all("1,\"open") == "1!1,\"open|");
}

TEST_CASE("nothing is longer than the limit") {
  const Format small{.delimiter = ',', .max_row = 8};
  CHECK(read_all("12345678\n123456789\n1\n", small) == "1:[12345678]|2!12345678|3:[1]|");
  CHECK(read_all("123456789", small) == "1!12345678|");
  // A quote that is not closed within the limit: its line is rejected, the next lines are rows again.
  CHECK(read_all("\"a\nb\nc\nd\ne\n", small) == "1!\"a|2:[b]|3:[c]|4:[d]|5:[e]|");
  // A row with correct quotes that is too long: all of it is rejected, up to the end of the line at the limit.
  CHECK(read_all("\"a\nb\",\"c\"\nd\n", small) == "1!\"a\nb\",\"c|3:[d]|");
}

TEST_CASE("another delimiter") {
  CHECK(read_all("a;b,c\n", {.delimiter = ';', .max_row = 100}) == "1:[a][b,c]|");
  CHECK(read_all("\"a;\";b\n", {.delimiter = ';', .max_row = 100}) == "1:[a;][b]|");
}

TEST_CASE("the output does not depend on the pieces") {
  const std::string text =
      "a,b\r\n\"x\r\ny\",\"q\"\"q\"\n\n1,\"open\n2,3\n\"bad\"x\nlonger than the limit of this "
      "test,1\n\"u\nv\nw\nx\ny\nz\n1\"\n9,9";
  for (const std::size_t limit : {6U, 12U, 20U, 1000U}) {
    const Format format{.delimiter = ',', .max_row = limit};
    const std::string whole = read_all(text, format);
    for (std::size_t piece = 1; piece < 30; ++piece) CHECK(read_all(text, format, piece) == whole);
  }
}

TEST_CASE("consumed() counts whole rows only, and pending bytes can be dropped") {
  RowReader reader;
  reader.append("a,b\n\"1");
  REQUIRE(reader.next() != nullptr);
  CHECK(reader.next() == nullptr);
  CHECK(reader.consumed() == 4);
  CHECK(reader.pending() == "\"1");
  reader.drop_pending();
  reader.append("7,8\n");
  const Row* row = reader.next();
  REQUIRE(row != nullptr);
  CHECK(row->raw == "7,8");
  CHECK(row->line == 2);
  CHECK(reader.consumed() == 8);
}

TEST_CASE("a bare CR ends rows where it ends the first line; a CR before LF does not") {
  for (const std::size_t piece : std::vector<std::size_t>{0, 1, 3}) {
    CHECK(read_all("a,b\r1,\"x\ry\"\r3,4", {}, piece) == "1:[a][b]|2:[1][x\ry]|4:[3][4]|");
    CHECK(read_all("\"a\rb\",c\r\n1,2\r\n", {}, piece) == "1:[a\rb][c]|2:[1][2]|");
    CHECK(read_all("a\r\r\nb\r\r\n", {}, piece) == "1:[a\r]|2:[b\r]|");
    CHECK(read_all("a,b\n1\r2,3\n", {}, piece) == "1:[a][b]|2:[1\r2][3]|");
    CHECK(read_all("a\r\r1\r", {}, piece) == "1:[a]|3:[1]|");
  }
}

TEST_CASE("comments are passed over wherever a row could begin, whatever their quotes") {
  for (const std::size_t piece : std::vector<std::size_t>{0, 1, 5}) {
    CHECK(read_all("#a \"\n##\na,#b\n# x\n1,\"\n#2\"\n#", {.comment = "#"}, piece) == "3:[a][#b]|5:[1][\n#2]|");
    CHECK(read_all("/a\n//b\n/", {.comment = "//"}, piece) == "1:[/a]|3:[/]|");
  }
}

TEST_CASE("lazy quotes: one that neither opens nor closes a cell is text") {
  const Format lazy{.quotes = Quotes::lazy};
  for (const std::size_t piece : std::vector<std::size_t>{0, 1, 4}) {
    CHECK(read_all("5\" pipe,\"x \"y\" z\"\n", lazy, piece) == "1:[5\" pipe][x \"y\" z]|");
    CHECK(read_all("\"say \"\"hi\"\"\",\"a\"\r\n1,2\n", lazy, piece) == "1:[say \"hi\"][a]|2:[1][2]|");
    CHECK(read_all("x\n\"a\"\rb\",c\n", lazy, piece) == "1:[x]|2:[a\"\rb][c]|");
    CHECK(read_all("\"x\" ,3\n\"y\"\t\n\"z\" \r\n", lazy, piece) == "1:[x][3]|2:[y]|3:[z]|");
    CHECK(read_all("\"open,1\n2,3\n", lazy, piece) == "1!\"open,1|2:[2][3]|");
  }
}

TEST_CASE("blanks around cells are trimmed, also around quotes") {
  const Format trimmed{.delimiter = ';', .blanks = Blanks::trimmed};
  for (const std::size_t piece : std::vector<std::size_t>{0, 1, 4}) {
    CHECK(read_all(" a ;\t\"b;\" ; \" c \"\r\n ; ;\n", trimmed, piece) == "1:[a][b;][c]|2:[][][]|");
    CHECK(read_all("\"a\" b;c\n", trimmed, piece) == "1!\"a\" b;c|");
  }
  CHECK(read_all(" a\t\tb \n", {.delimiter = '\t', .blanks = Blanks::trimmed}) == "1:[a][][b]|");
  CHECK(read_all("\"a\" \"b\" ;c\n", {.delimiter = ';', .quotes = Quotes::lazy, .blanks = Blanks::trimmed}) ==
        "1:[a\" \"b][c]|");
}

TEST_CASE("a line is a row of its own whatever its quotes") {
  RowReader reader;
  reader.append("\"x\n\n#y\na,b\n");
  CHECK(reader.next_line()->raw == "\"x");
  CHECK(reader.next_line()->raw.empty());
  CHECK(reader.next_line()->raw == "#y");
  const Row* row = reader.next();
  REQUIRE(row != nullptr);
  CHECK(row->line == 4);
  CHECK(reader.next_line() == nullptr);
}

TEST_CASE("a quote that is given up costs its line alone") {
  RowReader reader;
  reader.append("1,\"open\n2,x\n");
  CHECK(reader.next() == nullptr);
  CHECK(reader.open_quote());
  reader.give_up_quote();
  const Row* row = reader.next();
  REQUIRE(row != nullptr);
  CHECK(row->raw == "1,\"open");
  CHECK(row->problem != nullptr);
  row = reader.next();
  REQUIRE(row != nullptr);
  CHECK(row->cells[1] == "x");
  CHECK_FALSE(reader.open_quote());
}

TEST_CASE("rows of any length and number of cells are split, whatever stands after them") {
  std::string text, expected;
  for (std::size_t count = 1; count < 200; ++count) {
    expected += std::to_string(count) + ':';
    for (std::size_t i = 0; i < count; ++i) {
      const std::string cell(1 + (count * 7 + i * 5) % 67 * (i % 3), 'x');
      text.append(i > 0 ? "," : "").append(cell);
      expected.append("[").append(cell).append("]");
    }
    text += count % 4 == 0 ? "\r\n" : "\n";
    expected += '|';
  }
  for (const std::size_t piece : std::vector<std::size_t>{0, 1, 63, 64, 65, 1000})
    CHECK(read_all(text, {}, piece) == expected);
}
