// What bounds the work and the memory of cep-match.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "cep_match.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::cep_match;

namespace {

std::string record(int number, const std::string& value, const std::string& key = "k") {
  return fmt::format(R"({{"time":{},"k":"{}","v":"{}","n":{}}})", 1'700'000'000 + number, key, value, number);
}

/// A pattern of the steps a and b, which fit the records whose value is their name.
Settings a_and_b(const char* pattern, std::vector<std::string> by = {}) {
  Settings settings;
  settings.pattern = pattern;
  settings.by = std::move(by);
  settings.define = {"a: v == 'a'", "b: v == 'b'"};
  return settings;
}

/// A stage and what it has written.
struct Fed {
  explicit Fed(const Settings& settings) : stage(settings), parser(stage.fields()) {}
  void take(const std::string& line) {
    const Record* read = parser.parse_copy(line, ++lines);
    REQUIRE(read != nullptr);
    REQUIRE_FALSE(stage.on_record(*read, out).rejected());
  }
  CepMatch stage;
  RecordParser parser;
  Output out;
  std::uint64_t lines = 0;
};

Settings sql(const std::string& clauses) {
  Settings settings;
  settings.match_recognize = clauses;
  return settings;
}

/// The steps of one beginning with so many records.
std::uint64_t steps_of(const std::string& clauses, int records) {
  Fed fed(sql(clauses));
  for (int i = 0; i < records; ++i) fed.take(record(i, "a"));
  return fed.stage.steps();
}

}  // namespace

TEST_CASE("patterns with exponentially many ways take steps in proportion to the records") {
  const std::string a = " DEFINE A AS v = 'a', B AS v = 'b'";
  for (const char* pattern : {"((A+)+ B)", "((A | A)* B)", "(((A*)*)* B)", "((A? A?)* B)", "((A+ | A+ A+)+ B)"}) {
    INFO(pattern);
    const std::string clauses = fmt::format("PATTERN {}", pattern) + a;
    const std::uint64_t few = steps_of(clauses, 100);
    const std::uint64_t many = steps_of(clauses, 1000);
    CHECK(few > 100);
    CHECK(many < 11 * few);
    CHECK(many < 1000 * 100);
  }
}

TEST_CASE("steps that pass over records stay few too") {
  Settings settings;
  settings.pattern = "a then ((b+ | b+ then b+)+ then c)+ then d";
  settings.define = {"a: n == 0", "b: v == 'a'", "c: v == 'c'", "d: v == 'd'"};
  const auto steps = [&](int records) {
    Fed fed(settings);
    for (int i = 0; i < records; ++i) fed.take(record(i, i % 3 == 2 ? "c" : "a"));
    return fed.stage.steps();
  };
  CHECK(steps(1000) < 11 * steps(100));
}

TEST_CASE("a key with too many records gives up, is reported and goes on") {
  Settings settings = a_and_b("a then b", {"k"});
  settings.max_records = 10;
  Fed fed(settings);
  for (int i = 0; i < 25; ++i) fed.take(record(i, "a"));
  fed.take(record(30, "b"));
  CHECK(fed.out.lines ==
        "{\"window_start\":\"2023-11-14T22:13:40Z\",\"window_end\":\"2023-11-14T22:13:50Z\",\"k\":\"k\"}\n");
  CHECK(fed.stage.counts().text() ==
        "2 beginnings of a match given up at a limit (--max-records, --max-threads, --max-held)");
  REQUIRE(fed.out.messages.size() == 1);
  CHECK(
      fed.out.messages.front().text ==
      "a partial match of a key needs more than 10 records, the most that --max-records allows: given up; raise it, or "
      "use a shorter within");
}

TEST_CASE("ways of matching are limited, and counted") {
  Settings settings = sql("PATTERN ((A | B)+ C) DEFINE C AS SUM(A.n) = -1");
  settings.max_threads = 50;
  Fed fed(settings);
  for (int i = 0; i < 20; ++i) fed.take(record(i, "a"));
  CHECK(fed.stage.counts().text().find("threads of a match dropped at a limit (--max-threads, --max-held)") !=
        std::string::npos);
  REQUIRE(fed.out.messages.size() == 1);
  CHECK(
      fed.out.messages.front().text ==
      "a match has more than 50 ways to go on, the most that --max-threads allows: those beyond are dropped; raise it, "
      "or use next, within or smaller counts in the pattern");
  CHECK(fed.stage.steps() < 20 * 50 * 20);
}

TEST_CASE("beginnings side by side are limited") {
  Settings settings = a_and_b("a then b");
  settings.skip = "next-row";
  settings.max_threads = 3;
  Fed fed(settings);
  for (int i = 0; i < 5; ++i) fed.take(record(i, "a"));
  fed.take(record(9, "b"));
  CHECK(std::count(fed.out.lines.begin(), fed.out.lines.end(), '\n') == 3);
  CHECK(fed.stage.counts().text() ==
        "2 beginnings of a match given up at a limit (--max-records, --max-threads, --max-held)");
}

TEST_CASE("ways and beginnings of a key take no more memory than --max-held, and leave room for other keys") {
  Settings settings;
  settings.pattern = "a+ then b+ then c";
  settings.by = {"k"};
  settings.define = {"a: v != 'c'", "b: v != 'c'", "c: v == 'c'"};
  settings.skip = "none";
  settings.max_held = 1 << 20;
  Fed fed(settings);
  std::uint64_t steps = 0;
  for (int i = 0; i < 300; ++i) {
    fed.take(record(i, "a"));
    CHECK(fed.stage.held_bytes() < settings.max_held + 1000);
    CHECK(fed.stage.steps() - steps < 1'000'000);
    steps = fed.stage.steps();
  }
  CHECK(fed.stage.counts().text().find("threads of a match dropped at a limit") != std::string::npos);
  REQUIRE(fed.out.messages.size() == 1);
  CHECK(fed.out.messages.front().text ==
        "records and partial matches take 1 MiB, the most that --max-held allows: beyond it ways and beginnings are "
        "dropped; raise it, or use within or smaller counts");
  fed.out.lines.clear();
  fed.take(record(301, "a", "other"));
  fed.take(record(302, "a", "other"));
  fed.take(record(303, "c", "other"));
  CHECK(fed.out.lines ==
        "{\"window_start\":\"2023-11-14T22:18:21Z\",\"window_end\":\"2023-11-14T22:18:23Z\",\"k\":\"other\"}\n");
}

TEST_CASE("long lines of many keys take no more memory than --max-held") {
  Settings settings = a_and_b("a then b", {"k"});
  settings.rows = Rows::all;
  settings.max_held = 1 << 20;
  settings.lateness = GENERATE(Duration{}, Duration(std::chrono::hours(1)));
  Fed fed(settings);
  const std::string text(100'000, 'x');
  for (int i = 0; i < 30; ++i) {
    std::string line = record(i, "a", fmt::format("k{}", i));
    line.insert(line.size() - 1, ",\"text\":\"" + text + "\"");
    fed.take(line);
    CHECK(fed.stage.held_bytes() < settings.max_held + 110'000);
  }
  CHECK(fed.stage.counts().text() == (settings.lateness == Duration{}
                                          ? "20 threads of a match dropped at a limit (--max-threads, --max-held)"
                                          : "19 records left out at a limit (--max-held)"));
  // Time goes on: what is held is decided, and there is room again.
  fed.take(record(9000, "a"));
  fed.take(record(9001, "a", "k0"));
  fed.stage.on_end(fed.out);
  CHECK(fed.stage.held_bytes() < 1000);
}

TEST_CASE("keys with nothing under way are forgotten") {
  Settings settings = a_and_b("a then b within 10s", {"k"});
  settings.max_keys = 100;
  Fed fed(settings);
  for (int i = 0; i < 5000; ++i) fed.take(record(i, i % 2 == 0 ? "a" : "b", fmt::format("k{}", i / 2)));
  CHECK(std::count(fed.out.lines.begin(), fed.out.lines.end(), '\n') == 2500);
}

TEST_CASE("a watermark is passed on as far as no earlier row can come") {
  Settings settings = a_and_b("a then b within 10s");
  Fed fed(settings);
  const auto at = [](int second) { return Time(std::chrono::seconds(1'700'000'000 + second)); };
  fed.stage.on_watermark(at(0), fed.out);
  CHECK(fed.stage.promise(at(0)) == at(0));
  fed.take(record(5, "a"));
  fed.stage.on_watermark(at(9), fed.out);
  CHECK(fed.stage.promise(at(9)) == at(-1));
  fed.stage.on_watermark(at(16), fed.out);  // the time of the partial match is up
  CHECK(fed.stage.promise(at(16)) == at(16));
}

TEST_CASE("a match is to be seen soon, a record that begins one is not") {
  Fed fed(sql("PATTERN (A B) DEFINE A AS v = 'a', B AS v = 'b'"));
  fed.take(record(1, "a"));
  CHECK_FALSE(fed.out.released);
  fed.take(record(2, "b"));
  fed.take(record(3, "c"));
  CHECK(fed.out.released);
}
