#include "query_text.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "time/timestamp.hpp"

using namespace weir;
using namespace weir::influx_query;

namespace {

const Span span{TimeParser().parse("2026-07-01T00:00:00Z").value(), TimeParser().parse("2026-07-02T00:00:00Z").value()};

Selection water() {
  Selection selection;
  selection.bucket = "b";
  selection.measurement = "w";
  return selection;
}

/// Means of a minute of the field v for each plant.
Selection minute_means() {
  Selection mean = water();
  mean.fields = {"v"};
  mean.by = {"plant"};
  mean.mean = std::chrono::minutes(1);
  return mean;
}

}  // namespace

TEST_CASE("rows of a measurement") {
  Selection rows = water();
  rows.where = {{"plant", "p1"}};
  CHECK(
      query_text(rows, span, Language::influxql) ==
      R"(SELECT * FROM "w" WHERE time >= '2026-07-01T00:00:00Z' AND time < '2026-07-02T00:00:00Z' AND "plant" = 'p1')");
  CHECK(
      query_text(rows, span, Language::sql) ==
      R"(SELECT * FROM "w" WHERE time >= TIMESTAMP '2026-07-01T00:00:00Z' AND time < TIMESTAMP '2026-07-02T00:00:00Z' AND "plant" = 'p1' ORDER BY time)");
  CHECK(
      query_text(rows, span, Language::flux) ==
      R"(from(bucket: "b") |> range(start: 2026-07-01T00:00:00Z, stop: 2026-07-02T00:00:00Z) |> filter(fn: (r) => r["_measurement"] == "w" and r["plant"] == "p1") |> drop(columns: ["_start", "_stop"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> group() |> sort(columns: ["_time"]))");
}

TEST_CASE("means and the last rows of groups") {
  const Selection mean = minute_means();
  CHECK(
      query_text(mean, span, Language::influxql) ==
      R"(SELECT mean("v") AS "v" FROM "w" WHERE time >= '2026-07-01T00:00:00Z' AND time < '2026-07-02T00:00:00Z' GROUP BY time(60s), "plant" fill(none))");
  CHECK(
      query_text(mean, span, Language::sql) ==
      R"(SELECT date_bin(INTERVAL '60000000000 nanoseconds', time) AS time, "plant", avg("v") AS "v" FROM "w" WHERE time >= TIMESTAMP '2026-07-01T00:00:00Z' AND time < TIMESTAMP '2026-07-02T00:00:00Z' GROUP BY 1, 2 ORDER BY 1)");
  Selection last = water();
  last.by = {"plant", "parameter"};
  last.last = true;
  CHECK(
      query_text(last, span, Language::influxql) ==
      R"(SELECT * FROM "w" WHERE time >= '2026-07-01T00:00:00Z' AND time < '2026-07-02T00:00:00Z' GROUP BY "plant", "parameter" ORDER BY time DESC LIMIT 1)");
}

TEST_CASE("Flux: the first window of means begins at a full one; with --fields only the tags of --by") {
  const Selection mean = minute_means();
  CHECK(
      query_text(mean, span, Language::flux) ==
      R"(from(bucket: "b") |> range(start: 2026-07-01T00:00:00Z, stop: 2026-07-02T00:00:00Z) |> filter(fn: (r) => r["_measurement"] == "w" and (r["_field"] == "v")) |> group(columns: ["plant", "_measurement", "_field"]) |> aggregateWindow(every: 60s, fn: mean, createEmpty: false, timeSrc: "_start") |> truncateTimeColumn(unit: 60s) |> drop(columns: ["_start", "_stop"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> group() |> sort(columns: ["_time"]))");
  Selection last = water();
  last.fields = {"v"};
  last.by = {"plant"};
  last.last = true;
  CHECK(
      query_text(last, span, Language::flux) ==
      R"(from(bucket: "b") |> range(start: 2026-07-01T00:00:00Z, stop: 2026-07-02T00:00:00Z) |> filter(fn: (r) => r["_measurement"] == "w" and (r["_field"] == "v")) |> drop(columns: ["_start", "_stop"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> keep(columns: ["_time", "_measurement", "plant", "v"]) |> group(columns: ["plant"]) |> sort(columns: ["_time"]) |> tail(n: 1))");
}

TEST_CASE("Flux: an empty span is one without rows") {
  const Span none{span.until, span.since};
  CHECK(
      query_text(water(), none, Language::flux) ==
      R"(from(bucket: "b") |> range(start: 2026-07-02T00:00:00Z, stop: 2026-07-02T00:00:00.000000001Z) |> filter(fn: (r) => false) |> filter(fn: (r) => r["_measurement"] == "w") |> drop(columns: ["_start", "_stop"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> group() |> sort(columns: ["_time"]))");
  CHECK(filled_in("{since} {until}", none, Language::flux) == "2026-07-02T00:00:00Z 2026-07-02T00:00:00.000000001Z");
}

TEST_CASE("names and values cannot become a part of the language") {
  CHECK(identifier("a\"b\\", Language::influxql) == R"("a\"b\\")");
  CHECK(literal("a' OR 'b\\", Language::influxql) == R"('a\' OR \'b\\')");
  CHECK(identifier("a\"b\\", Language::sql) == R"("a""b\")");
  CHECK(literal("a' OR 'b\\", Language::sql) == R"('a'' OR ''b\')");
  CHECK(literal("a\") |> drop() //\\${1+1}$", Language::flux) == R"("a\") |> drop() //\\\${1+1}$")");
}

TEST_CASE("what cannot be asked for") {
  Selection odd = water();
  odd.measurement = "a\nb";
  CHECK_THROWS_AS(check(odd, Language::influxql), std::invalid_argument);
  odd = water();
  odd.where = {{"plant", ""}};
  CHECK_THROWS_AS(check(odd, Language::influxql), std::invalid_argument);
}

TEST_CASE("times in a query of one's own") {
  CHECK(filled_in("t >= '{since}' AND t < '{until}' OR {since}{other}", span, Language::influxql) ==
        "t >= '2026-07-01T00:00:00Z' AND t < '2026-07-02T00:00:00Z' OR 2026-07-01T00:00:00Z{other}");
}
