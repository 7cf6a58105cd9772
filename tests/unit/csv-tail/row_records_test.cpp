#include "row_records.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "source_host.hpp"

using namespace weir;
using namespace weir::csv_tail;

namespace {

struct Kept : test::KeptHost {
  void reject(std::uint64_t line, std::string_view, std::string_view reason) override {
    text += std::to_string(line) + ": " + std::string(reason) + '\n';
  }
  std::string text;
};

struct Converted {
  std::string lines;
  std::string rejects;
  std::string logged{};
};

Converted convert(std::string_view text, const RowSettings& settings = {}, std::uint64_t skip = 0) {
  Kept kept;
  TableMemory memory;
  RowRecords records(settings, "", kept, memory);
  records.skip_to(skip);
  Output out;
  std::copy(text.begin(), text.end(), records.room(text.size()));
  records.added(text.size());
  records.take(out);
  records.finish(out);
  return {out.lines, kept.text, kept.logged};
}

}  // namespace

TEST_CASE("a cell that is a JSON number keeps its digits, an empty one is null, others are strings") {
  CHECK(convert("a,b,c,d\n1.50,-0,12345678901234567890,1E+2\n").lines ==
        "{\"a\":1.50,\"b\":-0,\"c\":12345678901234567890,\"d\":1E+2}\n");
  CHECK(convert("a,b,c,d\n,\"\",01,+1\n").lines == "{\"a\":null,\"b\":null,\"c\":\"01\",\"d\":1}\n");
  CHECK(convert("a,b,c,d\n.5,5.,NaN,-\n").lines == "{\"a\":0.5,\"b\":5,\"c\":\"NaN\",\"d\":\"-\"}\n");
  CHECK(convert("a,b,c,d\n-.50,+1.50e3,+.5,-5.\n").lines == "{\"a\":-0.50,\"b\":1.50e3,\"c\":0.5,\"d\":-5}\n");
  CHECK(convert("a,b,c,d\n+,.,-.,+-5\n").lines == "{\"a\":\"+\",\"b\":\".\",\"c\":\"-.\",\"d\":\"+-5\"}\n");
  CHECK(convert("a,b,c,d\n+007,1..,5.e3,+49 30\n").lines ==
        "{\"a\":\"+007\",\"b\":\"1..\",\"c\":\"5.e3\",\"d\":\"+49 30\"}\n");
  const RowSettings german{.format = {.delimiter = ';', .max_row = 100}, .cells = {.decimal = ',', .thousands = {"."}}};
  CHECK(convert("a;b;c\n+1.234,5;,5;5,\n", german).lines == "{\"a\":1234.5,\"b\":0.5,\"c\":5}\n");
  CHECK(convert("a;b;c\n+;,;.5\n", german).lines == "{\"a\":\"+\",\"b\":\",\",\"c\":\".5\"}\n");
  CHECK(convert("a,b\ntrue, 1\n").lines == "{\"a\":\"true\",\"b\":\" 1\"}\n");
}

TEST_CASE("strings are escaped for JSON, names too") {
  CHECK(convert("\"a\"\"b\",c\n\"x\ny\",\\\t\n").lines == "{\"a\\\"b\":\"x\\ny\",\"c\":\"\\\\\\t\"}\n");
}

TEST_CASE("rows that do not fit are rejected with their line") {
  const Converted got = convert("a,b\n1\n1,2,3\n\xFF,1\n\"x\"y,1\n3,4\n");
  CHECK(got.lines == "{\"a\":3,\"b\":4}\n");
  CHECK(got.rejects ==
        "2: 1 cell where the header has 2 (--ragged takes the row)\n"
        "3: 3 cells where the header has 2 (--ragged takes the row)\n"
        "4: not UTF-8 (--encoding names another encoding)\n"
        "5: a quote where RFC 4180 has none (--lazy-quotes takes it as text)\n");
}

TEST_CASE("a row is rejected for a byte that is not UTF-8 wherever it stands, and no other row is") {
  for (std::size_t at = 0; at < 150; ++at) {
    std::string row(150, 'x');
    row[at] = '\xFF';
    const Converted got = convert("a\ny\n" + row + "\nz\n");
    CHECK(got.lines == "{\"a\":\"y\"}\n{\"a\":\"z\"}\n");
    CHECK(got.rejects == "3: not UTF-8 (--encoding names another encoding)\n");
  }
}

TEST_CASE("columns can be named for a table without a header") {
  CHECK(convert("1;2\n", {.format = {.delimiter = ';', .max_row = 100}, .columns = {"x", "y"}}).lines ==
        "{\"x\":1,\"y\":2}\n");
}

TEST_CASE("columns that are named become fields in the file's order, and the others are passed over") {
  CHECK(convert("a,b,c\n1,\"x,\"\"\n\",3\n4,5,6\n", {.only = {"c", "a"}}).lines ==
        "{\"a\":1,\"c\":3}\n{\"a\":4,\"c\":6}\n");
  CHECK(convert("a,b,c\n1,2,3\n", {.only = {"b", "b"}, .renames = {{"b", "a"}, {"c", "a"}}}).lines == "{\"a\":2}\n");
  // A reserved name does no harm where it is passed over.
  CHECK(convert("@ctl,b\n1,2\n", {.only = {"b"}}).lines == "{\"b\":2}\n");
  CHECK_THROWS_WITH(convert("a,b\n1,2\n", {.only = {"a", "c"}}),
                    contains_text("--only names the column 'c', which the header row does not have"));
  const Converted ragged = convert("a,b,c\n1\n1,2,3,4\n", {.only = {"b"}, .ragged = Ragged::allowed});
  CHECK(ragged.lines == "{\"b\":null}\n{\"b\":2}\n");
}

TEST_CASE("a row is rejected for what is wrong in a cell that is passed over") {
  const Converted got = convert("a,b,c\n1,2\n1,\xFF,3\n1,\"x\"y,3\n1,2,3\n", {.only = {"a"}});
  CHECK(got.lines == "{\"a\":1}\n");
  CHECK(got.rejects ==
        "2: 2 cells where the header has 3 (--ragged takes the row)\n"
        "3: not UTF-8 (--encoding names another encoding)\n"
        "4: a quote where RFC 4180 has none (--lazy-quotes takes it as text)\n");
}

TEST_CASE("the first column of the time is kept, and no cell that is passed over asks for an option") {
  RowSettings settings{.only = {"v"}, .time_columns = {"day", "hour"}, .time = {.format = "%d.%m.%Y %H:%M"}};
  CHECK(convert("hour,day,v,w\n02:15,01.07.2026,1,\"21,5\"\n", settings).lines ==
        "{\"day\":\"2026-07-01T02:15:00Z\",\"v\":1}\n");
  const Converted got = convert("v,w\n1,\"21,5\"\n", {.only = {"v"}});
  CHECK(got.logged.empty());
  CHECK(got.lines == "{\"v\":1}\n");
}

TEST_CASE("a header that cannot be used ends the run") {
  CHECK_THROWS_WITH(convert("a\"b,c\n1,2\n"), contains_text("line 1: the header row"));
  CHECK_THROWS_WITH(convert("a,\xFF\n1,2\n"), contains_text("not UTF-8"));
  // Its records would begin with {"@ctl": and look like control lines.
  CHECK_THROWS_WITH(convert("@ctl,b\n1,2\n"), contains_text("@ctl"));
  CHECK_THROWS_WITH(convert("a,@ctl\n1,2\n"), contains_text("@ctl"));  // jq -S would put it first
}

TEST_CASE("a first row of numbers and times is data, not a header") {
  for (const char* row : {"2026-07-01T00:00:00Z,21.5\n", "01.07.2026,,3\n", "5\n6\n", "-1,'0\n", "3,2\n"})
    CHECK_THROWS_WITH(convert(row), contains_text("--columns"));
  CHECK(convert(",2020,2021\na,1,2\n").lines == "{\"column_1\":\"a\",\"2020\":1,\"2021\":2}\n");
  const Converted mixed = convert("m1,2026-07-01 00:00,3\nm2,2026-07-01 00:15,4\n");
  CHECK(mixed.logged.find("line 1: the header row has '2026-07-01 00:00' in place of a name") != std::string::npos);
  CHECK(convert("T1,E2\n1,2\n").logged.empty());
}

TEST_CASE("rows before an offset are passed over, the header is not") {
  CHECK(convert("a\n1\n2\n3\n", {}, 6).lines == "{\"a\":3}\n");
  CHECK(convert("a\n1\n2\n3\n", {}, 5).lines == "{\"a\":2}\n{\"a\":3}\n");
}

TEST_CASE("no more records than are wanted come at once; rejects and the header are none") {
  Kept kept;
  const RowSettings settings;
  TableMemory memory;
  RowRecords records(settings, "", kept, memory);
  const std::string_view text = "a\n1\n1,2\n2\n3\n4\n5";
  std::copy(text.begin(), text.end(), records.room(text.size()));
  records.added(text.size());
  Output out;
  out.wanted = 2;
  records.take(out);
  CHECK(out.lines == "{\"a\":1}\n{\"a\":2}\n");
  CHECK(records.reader().consumed() == text.size() - 5);
  CHECK(records.more());
  records.take(out);
  CHECK(records.more());
  records.take(out);
  CHECK_FALSE(records.more());
  records.finish(out);
  CHECK(out.lines == "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n{\"a\":5}\n");
  CHECK(kept.text == "3: 2 cells where the header has 1 (--ragged takes the row)\n");
}
