#include "partition.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "parsed.hpp"

using namespace weir;
using namespace weir::lake_load;

namespace {

/// A template with the columns that it makes.
struct Case {
  explicit Case(const std::string& text)
      : partition(text, fields),
        columns({}, fields, partition.names(), partition.own_fields(), values),
        parser(fields) {}

  /// The folder of a record, or why it is rejected.
  std::string folder(std::string_view line, Time time = {}) {
    columns.begin_record();
    const Verdict verdict = partition.fill(test::parsed(parser, line), time, columns, place);
    if (verdict.rejected()) return verdict.reason();
    columns.accept();
    partition.complete(place, time);
    return place.folder;
  }

  FieldSet fields;
  PartitionTemplate partition;
  ValueReader values{TimeParser(), Inexact::rejected};
  Columns columns;
  RecordParser parser;
  Place place;
};

Time at(const char* text) { return *TimeParser().parse(text); }

std::string problem_of(const std::string& text) {
  try {
    Case made(text);
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a name that folders and readers do not take is refused") {
  for (const char* name : {"a b", "a\nb", "\x7f", "_a", "a.b", "{a}"})
    CHECK(problem_of(std::string(name) + "={x}").ends_with("cannot be the name of a partition"));
  CHECK(problem_of("größe={x}").empty());
}

TEST_CASE("fields, times and texts name folders") {
  Case made("site={site}/kind=raw/dt={ts:%Y-%m-%d}/hour={ts:%H}");
  CHECK(made.folder(R"({"site":"north"})", at("2026-02-28T23:59:59Z")) == "site=north/kind=raw/dt=2026-02-28/hour=23");
  CHECK(made.place.end == at("2026-03-01T00:00:00Z"));
  CHECK(made.folder(R"({"site":null})", at("1969-12-31T23:00:00Z")) ==
        "site=__HIVE_DEFAULT_PARTITION__/kind=raw/dt=1969-12-31/hour=23");
  CHECK(made.place.values[0] == std::nullopt);
  CHECK(made.folder(R"({"site":"a/b=%"})", at("2026-03-01T00:00:00Z")).starts_with("site=a%2Fb%3D%25/"));
  CHECK(made.folder(R"({"site":""})") == "site is in the partition and is empty");
  CHECK(made.folder(R"({"site":7})") == "site 7 does not fit its partition of type string");
}

TEST_CASE("the time of a place ends with the finest step of its levels") {
  const std::pair<const char*, const char*> ends[] = {
      {"t={ts:%Y}", "2025-01-01T00:00:00Z"},      {"t={ts:%Y-%m}", "2024-03-01T00:00:00Z"},
      {"t={ts:%F}", "2024-03-01T00:00:00Z"},      {"t={ts:%Y}/d={ts:%j}", "2024-03-01T00:00:00Z"},
      {"t={ts:%FT%H%M}", "2024-02-29T12:35:00Z"}, {"t={ts:%F}/s={ts:%S}", "2024-02-29T12:34:57Z"}};
  for (const auto& [text, end] : ends) {
    Case made(text);
    made.folder("{}", at("2024-02-29T12:34:56.5Z"));
    CAPTURE(text);
    CHECK(made.place.end == at(end));
  }
  Case day("d={ts:%j}");
  CHECK(day.folder("{}", at("2024-12-31T00:00:00Z")) == "d=366");
}

TEST_CASE("the first value decides the type of a level") {
  Case made("n={n}/x={x:-none}");
  CHECK(made.folder(R"({"n":7})") == "n=7/x=none");
  CHECK(made.columns.find("n")->type.name() == "bigint");
  CHECK(made.folder(R"({"n":7.5})") == "n 7.5 does not fit its partition of type bigint");
  CHECK(made.folder(R"({"n":"7"})") == "n \"7\" does not fit its partition of type bigint");
  CHECK(made.folder(R"({"n":8,"x":true})") == "n=8/x=true");
}

TEST_CASE("places differ when their values do, null and text alike") {
  Case made("a={a}/b={b}");
  made.folder(R"({"a":"x","b":"y"})");
  const std::string first = made.place.key;
  made.folder(R"({"a":"xy","b":null})");
  CHECK(made.place.key != first);
  made.folder(R"({"a":null,"b":"xy"})");
  const std::string second = made.place.key;
  made.folder(R"({"a":"__HIVE_DEFAULT_PARTITION__","b":"xy"})");
  CHECK(made.place.key != second);
}

TEST_CASE("a template that will not do is refused") {
  CHECK(problem_of("dt").find("is not NAME=VALUE") != std::string::npos);
  CHECK(problem_of("a={x}/a={y}").find("twice") != std::string::npos);
  CHECK(problem_of("a=b{x}").find("one {FIELD}") != std::string::npos);
  CHECK(problem_of("a={t:%q}").find("%Y %m") != std::string::npos);
  CHECK(problem_of("a={t:plain}").find("format of a time") != std::string::npos);
  CHECK(problem_of("a={t:%Y}/b={u:%m}").find("one field") != std::string::npos);
}
