#include "table.hpp"

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::pg_load;

namespace {

/// A table and the means to give it records.
struct Bench {
  explicit Bench(std::vector<Column> columns, std::vector<std::string> keys = {}) : table({"", "t"}, std::move(keys)) {
    fields.read_members();
    table.set_columns(std::move(columns));
  }
  /// What became of a record: its row, or `!` and why there is none.
  std::string row(std::string_view line, ExtraFields extra = ExtraFields::reject) {
    RecordParser parser(fields);
    const Record* record = parser.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    if (const Verdict verdict = table.place(*record, extra, missing); verdict.rejected()) return "!" + verdict.reason();
    if (!missing.empty()) return "+" + std::string(missing.front()->key);
    const auto before = part.text.size();
    if (const Verdict verdict = table.append_row(*record, part, times); verdict.rejected()) {
      CHECK(part.text.size() == before);
      return "!" + verdict.reason();
    }
    return part.text.substr(before);
  }
  FieldSet fields;
  Table table;
  Part part;
  TimeParser times;
  std::vector<const Member*> missing;
};

std::vector<Column> abc() { return {{"a", ColumnKind::floating}, {"b", ColumnKind::text}, {"c", ColumnKind::text}}; }

}  // namespace

TEST_CASE("rows hold the columns that records had, in the order in which they came") {
  Bench bench(abc());
  CHECK(bench.row(R"({"b":"x","a":1})") == "x\t1\n");
  CHECK(bench.row(R"({"a":2,"b":"y"})") == "y\t2\n");
  CHECK(bench.row(R"({"a":3})") == "\\N\t3\n");
  CHECK(bench.table.layout() == std::vector<std::size_t>{1, 0});
  const unsigned before = bench.table.version();
  CHECK(bench.row(R"({"c":"z"})") == "\\N\t\\N\tz\n");
  CHECK(bench.table.version() != before);
}

TEST_CASE("of members with the same name the last counts") {
  Bench bench(abc());
  CHECK(bench.row(R"({"a":1,"a":2})") == "2\n");
}

TEST_CASE("a field without a column") {
  Bench strict(abc());
  CHECK(strict.row(R"({"a":1,"x":2})") == "!t has no column x");
  CHECK(strict.row(R"({})") == "!no field of the record has a column");
  Bench lenient(abc());
  CHECK(lenient.row(R"({"a":1,"x":2})", ExtraFields::ignore) == "1\n");
  CHECK(lenient.row(R"({"x":2})", ExtraFields::ignore) == "!no field of the record has a column");
  Bench growing(abc());
  CHECK(growing.row(R"({"a":1,"x":2})", ExtraFields::add_columns) == "+x");
  CHECK(growing.row(R"({"a":1,"x":null})", ExtraFields::add_columns) == "1\n");
}

TEST_CASE("a column that the server computes takes no value") {
  Bench bench({{"a", ColumnKind::floating}, {"twice", ColumnKind::floating, true}});
  CHECK(bench.row(R"({"a":1,"twice":2})") == "!the column twice is computed by the server");
  CHECK(bench.row(R"({"a":1,"twice":2})", ExtraFields::ignore) == "1\n");
}

TEST_CASE("a row of --upsert bears its order and needs its key") {
  Bench bench(abc(), {"b", "c"});
  CHECK(bench.row(R"({"b":"x","c":"y","a":1})") == "0\tx\ty\t1\n");
  CHECK(bench.row(R"({"b":"x","c":"z","a":1})") == "1\tx\tz\t1\n");
  CHECK_FALSE(bench.part.may_have_doubles());
  CHECK(bench.row(R"({"b":null,"c":"y","a":1})") == "!b is null, and --upsert needs it");
  CHECK(bench.row(R"({"b":"x","a":1})") == "!c is missing, and --upsert needs it");
  CHECK(bench.row(R"({"b":"x","c":"y","a":2})") == "2\tx\ty\t2\n");
  CHECK(bench.part.may_have_doubles());
  CHECK_THROWS_AS(Bench(abc(), {"d"}), std::runtime_error);
}

TEST_CASE("a value that cannot stand in its column leaves no trace") {
  Bench bench({{"t", ColumnKind::time}, {"a", ColumnKind::floating}});
  CHECK(bench.row(R"({"a":1,"t":"soon"})") == "!t is not a timestamp");
  CHECK(bench.part.rows.empty());
  CHECK(bench.row(R"({"a":1,"t":"2026-01-01T00:00:00Z"})") == "1\t2026-01-01T00:00:00Z\n");
}

TEST_CASE("a layout survives new columns") {
  Bench bench(abc());
  CHECK(bench.row(R"({"b":"x"})") == "x\n");
  auto columns = abc();
  columns.push_back({"d", ColumnKind::text});
  bench.table.set_columns(columns);
  CHECK(bench.row(R"({"d":"y","b":"x"})") == "x\ty\n");
}
