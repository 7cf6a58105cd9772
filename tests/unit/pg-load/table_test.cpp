#include "table.hpp"

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::pg_load;

namespace {

/// A table, and a way to give it records.
struct Bench {
  explicit Bench(std::vector<Column> columns, UpsertKeys upsert = {}) : table({"", "t"}, std::move(upsert)) {
    fields.read_members();
    table.set_columns(std::move(columns));
  }
  /// The row of a record, or `!` and the reason why there is none.
  std::string row(std::string_view line, ExtraFields extra = ExtraFields::reject) {
    RecordParser parser(fields);
    const Record* record = parser.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    if (const Verdict verdict = table.place(*record, extra, missing); verdict.rejected()) return "!" + verdict.reason();
    if (!missing.empty()) return "+" + std::string(missing.front()->key);
    const auto before = part.text.size();
    std::optional<Misfit> misfit;
    const Verdict verdict = table.append_row(*record, part, conversion, misfit);
    if (verdict.rejected() || misfit) CHECK(part.text.size() == before);
    if (verdict.rejected()) return "!" + verdict.reason();
    if (misfit) return "<" + misfit->column + " " + misfit->number;
    return part.text.substr(before);
  }
  FieldSet fields;
  Table table;
  Part part;
  Conversion conversion;
  std::vector<const Member*> missing;
};

std::vector<Column> abc() {
  return {{"a", ColumnKind::double_precision}, {"b", ColumnKind::text}, {"c", ColumnKind::text}};
}

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
  Bench bench({{"a", ColumnKind::double_precision}, {"twice", ColumnKind::double_precision, true}});
  CHECK(bench.row(R"({"a":1,"twice":2})") == "!the column twice is computed by the server");
  CHECK(bench.row(R"({"a":1,"twice":2})", ExtraFields::ignore) == "1\n");
}

TEST_CASE("a row of --upsert bears its order and needs its key") {
  Bench bench(abc(), {{"b", "c"}, ""});
  CHECK(bench.row(R"({"b":"x","c":"y","a":1})") == "0\tx\ty\t1\n");
  CHECK(bench.row(R"({"b":"x","c":"z","a":1})") == "1\tx\tz\t1\n");
  CHECK_FALSE(bench.part.may_have_doubles());
  CHECK(bench.row(R"({"b":null,"c":"y","a":1})") == "!b is null, and --upsert needs it");
  CHECK(bench.row(R"({"b":"x","a":1})") == "!c is missing, and --upsert needs it");
  CHECK(bench.row(R"({"b":"x","c":"y","a":2})") == "2\tx\ty\t2\n");
  CHECK(bench.part.may_have_doubles());
  CHECK(Table({"", "t"}, {{"d"}, ""}).problem_with(abc()) == "--upsert: t has no column d");
  CHECK(Table({"", "t"}, {{"a"}, "d"}).problem_with(abc()) == "--newest: t has no column d");
  CHECK_FALSE(Table({"", "t"}, {{"a"}, "b"}).problem_with(abc()).has_value());
}

TEST_CASE("a value that cannot stand in its column leaves no trace") {
  Bench bench({{"t", ColumnKind::time}, {"a", ColumnKind::double_precision}});
  CHECK(bench.row(R"({"a":1,"t":"soon"})") == "!t \"soon\" is not a timestamp");
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

TEST_CASE("a record without the field of --newest is rejected") {
  Bench bench(abc(), {{"b"}, "c"});
  CHECK(bench.row(R"({"b":"x","c":"y"})") == "0\tx\ty\n");
  CHECK(bench.row(R"({"b":"x","a":1})") == "!c is missing, and --newest needs it");
  CHECK(bench.row(R"({"b":"x","c":null})") == "!c is null, and --newest needs it");
}

TEST_CASE("a column that was not made for a null is made for the next value") {
  Bench bench(abc());
  CHECK(bench.row(R"({"a":1,"x":null})", ExtraFields::add_columns) == "1\n");
  CHECK(bench.row(R"({"a":2,"x":null})", ExtraFields::add_columns) == "2\n");
  CHECK(bench.row(R"({"a":3,"x":4})", ExtraFields::add_columns) == "+x");
}

TEST_CASE("a number that a wider column would hold is told apart from one that cannot stand there") {
  std::vector<Column> columns{{"n", ColumnKind::integer}, {"t", ColumnKind::time}};
  Bench fixed(columns);
  CHECK(fixed.row(R"({"n":2.5})") == "!n 2.5 is not a whole number of 64 bits");
  columns[0].widens = true;
  Bench bench(columns);
  CHECK(bench.row(R"({"n":2.5})") == "<n 2.5");
  CHECK(bench.row(R"({"n":2.5,"t":"soon"})") == "!t \"soon\" is not a timestamp");
  CHECK(bench.row(R"({"n":"two"})") == "!n \"two\" is not a number");
  CHECK(bench.row(R"({"n":9007199254740991})") == "9007199254740991\t\\N\n");
  CHECK(bench.table.is_within_double("n"));
  CHECK(bench.row(R"({"n":9007199254740992})") == "9007199254740992\t\\N\n");
  CHECK_FALSE(bench.table.is_within_double("n"));
  bench.table.forbid_widening("n");
  CHECK(bench.row(R"({"n":2.5})") == "!n 2.5 is not a whole number of 64 bits");
}

TEST_CASE("columns are taken out of rows, with the rows that have a value there") {
  Part part;
  part.columns = {"a", "b"};
  part.text = "0\tx\ty\n1\tx\t\\N\n2\t\\N\tz\n3\tw\t\\N\n";
  part.rows = {{1, 0, 0, 0}, {2, 6, 0, 0}, {3, 13, 0, 0}, {4, 20, 0, 0}};
  part.key_hashes = {7, 8, 9, 10};
  const std::vector<Row> taken = take_out_columns(part, {"b"});
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].line == 1);
  CHECK(taken[1].line == 3);
  CHECK(part.columns == std::vector<std::string>{"a"});
  CHECK(part.text == "0\tx\n1\tw\n");
  CHECK(part.text_of(1, 2) == "1\tw\n");
  CHECK(part.key_hashes == std::vector<std::uint64_t>{8, 10});
}
