#include "rec_enrich.hpp"

#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "folder.hpp"
#include "kept_answers.hpp"
#include "record/parser.hpp"
#include "saved_state.hpp"
#include "table_source.hpp"

using namespace weir;
using namespace weir::rec_enrich;

namespace {

/// Tables in a folder, and a stage over them.
struct Tables {
  Settings settings(TableOptions options, std::vector<std::string> sets = {}) const {
    Settings made;
    for (std::string& table : options.tables) table = folder.file(table);
    made.options = std::move(options);
    made.sets = std::move(sets);
    for (const LookupSettings& each : read_lookups(made.options, made.time))
      made.sources.push_back(std::make_shared<TableSource>(each.table, each.max_age));
    return made;
  }
  test::Folder folder;
};

/// What becomes of lines, one after the other.
struct Run {
  explicit Run(const Settings& settings) : stage(settings), parser(stage.fields()) { stage.start(kept); }
  std::string operator()(const std::string& line) {
    const Record* record = parser.parse_copy(line, ++lines);
    REQUIRE(record != nullptr);
    const Verdict verdict = stage.on_record(*record, Ticket{lines});
    if (verdict.rejected()) return "! " + verdict.reason();
    std::string answer = kept.answers[lines];
    REQUIRE(answer.ends_with("\n"));
    answer.pop_back();
    return answer;
  }
  test::KeptAnswers kept;
  RecEnrich stage;
  RecordParser parser;
  std::uint64_t lines = 0;
};

std::string refusal(const Settings& settings) {
  try {
    const RecEnrich stage(settings);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "taken";
}

std::string option_refusal(TableOptions options) {
  try {
    read_lookups(options, {});
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("members are added at the end, or where the record has them") {
  const Tables tables;
  tables.folder.write("m.csv", "meter,customer,street\nm1,c1,\"Main \"\"St\"\"\"\n7,c7,\n");
  Run run(tables.settings({.tables = {"m.csv"}, .keys = {"meter"}}));
  CHECK(run(R"({"meter":"m1","kw":1.10})") == R"({"meter":"m1","kw":1.10,"customer":"c1","street":"Main \"St\""})");
  CHECK(run(R"({"meter":7 })") == R"({"meter":7 ,"customer":"c7","street":null})");
  CHECK(run(R"({"meter":"\u006d1","street":"x","n":1})") ==
        R"({"meter":"\u006d1","street":"Main \"St\"","n":1,"customer":"c1"})");
}

TEST_CASE("a record without a row is kept, gets null, or is rejected; the first is reported") {
  const Tables tables;
  tables.folder.write("m.csv", "meter,v\nm1,1\n");
  const auto with = [&](const char* miss) {
    return tables.settings({.tables = {"m.csv"}, .keys = {"meter"}, .miss = {miss}});
  };
  Run keep(with("keep"));
  CHECK(keep(R"({"meter":"m2"})") == R"({"meter":"m2"})");
  CHECK(keep(R"({"meter":null})") == R"({"meter":null})");
  CHECK(keep(R"({"a":1})") == R"({"a":1})");
  REQUIRE(keep.kept.notes.size() == 1);
  CHECK(keep.kept.notes[0].ends_with("m.csv for meter \"m2\""));
  CHECK(keep.stage.counts().text().starts_with("3 records without a row of "));
  Run null(with("null"));
  CHECK(null(R"({"meter":"m2"})") == R"({"meter":"m2","v":null})");
  CHECK(null(R"({"v":5,"meter":["m1"]})") == R"({"v":null,"meter":["m1"]})");
  Run reject(with("reject"));
  CHECK(reject(R"({"meter":"m2"})").starts_with("! no row of "));
  CHECK(reject.stage.counts().text().empty());
}

TEST_CASE("a later table is found by what an earlier one gives") {
  const Tables tables;
  tables.folder.write("m.csv", "meter,tariff\nm1,\"d\\y\"\nm2,\n");
  tables.folder.write("p.ndjson", "{\"t\":\"d\\\\y\",\"from\":\"2026-01-01T00:00:00Z\",\"price\":1.50}\n"
                                  "{\"t\":\"d\\\\y\",\"from\":\"2026-02-01T00:00:00Z\",\"price\":2.50}\n");
  Run run(tables.settings({.tables = {"m.csv", "p.ndjson"},
                           .keys = {"meter", "tariff=t"},
                           .as_of = {"-", "from"},
                           .max_age = {"-", "60d"},
                           .miss = {"null"}}));
  CHECK(run(R"({"time":"2026-01-31T00:00:00Z","meter":"m1"})") ==
        R"({"time":"2026-01-31T00:00:00Z","meter":"m1","tariff":"d\\y","price":1.50})");
  CHECK(run(R"({"time":"2026-02-01T00:00:00Z","meter":"m1"})").ends_with("\"price\":2.50}"));
  CHECK(run(R"({"time":"2026-04-03T00:00:00Z","meter":"m1"})").ends_with("\"price\":null}"));
  CHECK(run(R"({"time":"2026-02-01T00:00:00Z","meter":"m2"})").ends_with("\"tariff\":null,\"price\":null}"));
  CHECK(run(R"({"meter":"m1"})").starts_with("! "));
}

TEST_CASE("an interval of a number, and of the time") {
  const Tables tables;
  tables.folder.write("b.csv", "city,low,high,band\nO,,0,frost\nO,0,20,mild\n");
  tables.folder.write("s.toml", "[[shift]]\ncity = \"O\"\nbegin = 2026-01-01T06:00:00Z\n"
                                "end = 2026-01-01T14:00:00Z\nname = \"early\"\n");
  Run run(tables.settings({.tables = {"b.csv", "s.toml"}, .keys = {"city"}, .between = {"t=low..high", "begin..end"}}));
  CHECK(run(R"({"ts":"2026-01-01T06:00:00Z","city":"O","t":-0.5})") ==
        R"({"ts":"2026-01-01T06:00:00Z","city":"O","t":-0.5,"band":"frost","name":"early"})");
  CHECK(run(R"({"ts":"2026-01-01T14:00:00Z","city":"O","t":0})") ==
        R"({"ts":"2026-01-01T14:00:00Z","city":"O","t":0,"band":"mild"})");
  CHECK(run(R"({"ts":"2026-01-01T14:00:00Z","city":"O","t":"0"})").ends_with(R"("t":"0"})"));
}

TEST_CASE("constants and expressions, over what was found too") {
  const Tables tables;
  tables.folder.write("m.csv", "meter,limit\nm1,2\n");
  Run run(tables.settings({.tables = {"m.csv"}, .keys = {"meter"}, .take = {"limit as most"}},
                          {"version = '1.4'", "over = kw > most", "kw = kw * 2"}));
  CHECK(run(R"({"meter":"m1","kw":3})") == R"({"meter":"m1","kw":6,"most":2,"version":"1.4","over":true})");
  CHECK(run(R"({"meter":"m2","kw":3})") == R"({"meter":"m2","kw":6,"version":"1.4","over":null})");
}

TEST_CASE("a name that is given twice is wrong usage") {
  const Tables tables;
  tables.folder.write("m.csv", "meter,v\nm1,2\n");
  CHECK(refusal(tables.settings({.tables = {"m.csv", "m.csv"}, .keys = {"meter"}})).starts_with("'v' is added by "));
  const TableOptions one{.tables = {"m.csv"}, .keys = {"meter"}};
  CHECK(refusal(tables.settings(one, {"v.w = 1"})).starts_with("'v.w' is added by "));
  CHECK(refusal(tables.settings(one, {"w = 1", "w = 2"})).starts_with("'w' is added"));
  CHECK(refusal(Settings{}) == "nothing to add: no --table and no --set");
  CHECK(refusal(tables.settings({}, {"w"})) == "--set: 'w' is not NAME=EXPRESSION");
}

TEST_CASE("options that do not go together are wrong usage") {
  const std::vector<std::string> two{"a.csv", "b.csv"};
  CHECK(option_refusal({.tables = two, .keys = {"a"}}) == "taken");
  CHECK(option_refusal({.tables = two}) == "a.csv: the table needs a --on");
  CHECK(option_refusal({.tables = {"a.csv", "b.csv", "c.csv"}, .keys = {"a", "b"}}) ==
        "--on is given once, or once for each of 3 tables ('-': none), not 2 times");
  CHECK(option_refusal({.tables = {"a.txt"}, .keys = {"a"}}).starts_with("--table: 'a.txt' is not a file whose name"));
  CHECK(option_refusal({.tables = two, .keys = {"a"}, .miss = {"drop"}}) ==
        "--miss: 'drop' is not keep, null or reject");
  CHECK(option_refusal({.tables = two, .keys = {"a"}, .between = {"v=a"}}).starts_with("--between: 'v=a' is not FROM"));
  CHECK(option_refusal({.tables = two, .keys = {"a"}, .between = {"a..b"}, .as_of = {"c"}}) ==
        "a.csv: --between and --as-of exclude each other");
  CHECK(option_refusal({.tables = two, .keys = {"a"}, .max_age = {"1h"}}) == "taken");
  CHECK(option_refusal({.tables = {"a.csv"}, .keys = {"a"}, .max_age = {"1h"}}) ==
        "a.csv: --max-age goes with --as-of");
  CHECK(option_refusal({.tables = {"pg:t"}, .keys = {"a"}}) == "t: this table needs --take");
  CHECK(option_refusal({.tables = {"g.mmdb"}, .keys = {"a,b"}, .take = {"c"}}) ==
        "g.mmdb: --on is one field, with an address");
  CHECK(option_refusal({.tables = two, .keys = {"a,,b"}}).starts_with("--on: "));
}

TEST_CASE("a changed table holds from the barrier on, and a snapshot tells which one it was") {
  const Tables tables;
  tables.folder.write("m.csv", "meter,v\nm1,1\n");
  const Settings settings = tables.settings({.tables = {"m.csv"}, .keys = {"meter"}});
  Run run(settings);
  run.kept.state = true;
  CHECK(run(R"({"meter":"m1"})") == R"({"meter":"m1","v":1})");
  const std::string before = test::saved_state(run.stage);
  tables.folder.write("m.csv", "meter,v\nm1,20\n");
  CHECK(run(R"({"meter":"m1"})") == R"({"meter":"m1","v":1})");
  run.stage.on_barrier();
  CHECK(run(R"({"meter":"m1"})") == R"({"meter":"m1","v":20})");
  REQUIRE(run.kept.kept.messages.size() == 1);
  CHECK(run.kept.kept.messages[0].ends_with("m.csv has changed: from here on with 1 row"));
  tables.folder.write("m.csv", "meter,v\nm1,20\nm1,30\n");
  run.stage.on_barrier();
  CHECK(run(R"({"meter":"m1"})") == R"({"meter":"m1","v":20})");
  CHECK(run.kept.kept.messages.back().ends_with("what was read before stays in use"));
  Run next(settings);
  test::load_state(next.stage, before);
  REQUIRE(next.kept.kept.messages.size() == 1);
  CHECK(next.kept.kept.messages[0].ends_with("is another one than at the snapshot: it holds from here on"));
}
