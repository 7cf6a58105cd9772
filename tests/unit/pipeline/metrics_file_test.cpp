#include "pipeline/metrics_file.hpp"

#include <filesystem>

#include "catch.hpp"
#include "cli/errors.hpp"
#include "folder.hpp"

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("figures are written into a file of the stage") {
  const test::Folder folder;
  cli::Log log("win-agg");
  StateOptions options;
  options.folder = folder.path + "/year.state";
  options.metrics = folder.path + "/figures";
  MetricsFile file(options, log);
  CHECK(file.on());
  CHECK(file.is_due());
  file.note_snapshot(3ms);
  file.note_snapshot(2s);
  RunFigures figures{10, 2, 1, Time(1767268800s), 7};
  file.write(figures);
  CHECK(!file.is_due());
  CHECK(file.limit(no_limit) > WaitLimit(0));
  CHECK(file.limit(WaitLimit(1)) == WaitLimit(1));
  const std::string text = test::content_of(folder.path + "/figures/year.state.win-agg.prom");
  const auto has = [&](const std::string& line) { return text.find(line + "\n") != std::string::npos; };
  const std::string labels = R"({tool="win-agg",stage="win-agg",pipe="year.state"})";
  CHECK(has("# TYPE weir_records_total counter"));
  CHECK(has("weir_records_total" + labels + " 10"));
  CHECK(has("weir_rejects_total" + labels + " 2"));
  CHECK(has("weir_late_total" + labels + " 1"));
  CHECK(has("weir_watermark_seconds" + labels + " 1767268800"));
  CHECK(has("weir_epoch" + labels + " 7"));
  CHECK(has(R"(weir_snapshot_seconds_bucket{tool="win-agg",stage="win-agg",pipe="year.state",le="0.005"} 1)"));
  CHECK(has(R"(weir_snapshot_seconds_bucket{tool="win-agg",stage="win-agg",pipe="year.state",le="+Inf"} 2)"));
  CHECK(has("weir_snapshot_seconds_count" + labels + " 2"));
  CHECK(has(R"(iot_messages_processed_total{source="win-agg",status="success"} 8)"));
}

TEST_CASE("a name that ends with .prom is the file, and without the option nothing is done") {
  const test::Folder folder;
  cli::Log log("csv-tail");
  StateOptions options;
  CHECK(!MetricsFile(options, log).on());
  CHECK(!MetricsFile(options, log).is_due());
  options.metrics = folder.path + "/one.prom";
  options.id = "a\"b";
  MetricsFile file(options, log);
  file.write({});
  const std::string text = test::content_of(options.metrics);
  CHECK(text.find(R"(weir_records_total{tool="csv-tail",stage="a\"b"} 0)") != std::string::npos);
  CHECK(text.find("weir_epoch") == std::string::npos);
}

TEST_CASE("a name that would leave the folder is refused") {
  const test::Folder folder;
  cli::Log log("csv-tail");
  StateOptions options;
  options.metrics = folder.path + "/figures";
  for (const char* id : {"../../x", "/x", "a/b", "..", "A"}) {
    options.id = id;
    CHECK_THROWS_AS(MetricsFile(options, log), cli::UsageError);
  }
  options.id = "a";
  options.pipe = "../x";
  CHECK_THROWS_AS(MetricsFile(options, log), cli::UsageError);
}

TEST_CASE("two stages do not write one file") {
  const test::Folder folder;
  cli::Log log("csv-tail");
  StateOptions options;
  options.metrics = folder.path;
  const std::string path = folder.path + "/csv-tail.prom";
  {
    MetricsFile first(options, log);
    MetricsFile second(options, log);
    second.write({.records = 2});
    CHECK_FALSE(std::filesystem::exists(path));
    first.write({.records = 1});
    second.write({.records = 2});
    CHECK(test::content_of(path).find("stage=\"csv-tail\"} 1\n") != std::string::npos);
  }
  MetricsFile later(options, log);
  later.write({.records = 3});
  CHECK(test::content_of(path).find("stage=\"csv-tail\"} 3\n") != std::string::npos);
}

TEST_CASE("counters of the stage's own") {
  const test::Folder folder;
  cli::Log log("thresh-alert");
  StateOptions options;
  options.metrics = folder.path + "/one.prom";
  MetricsFile file(options, log);
  RunFigures figures;
  figures.own = {{"iot_alerts_triggered_total", "Alerts", {{"level", "warning"}, {"parameter", "a\"b"}}, 3},
                 {"iot_alerts_triggered_total", "Alerts", {{"level", "critical"}, {"parameter", "pH"}}, 1}};
  file.write(figures);
  const std::string text = test::content_of(options.metrics);
  CHECK(
      text.ends_with("# HELP iot_alerts_triggered_total Alerts\n# TYPE iot_alerts_triggered_total counter\n"
                     "iot_alerts_triggered_total{source=\"thresh-alert\",level=\"warning\",parameter=\"a\\\"b\"} 3\n"
                     "iot_alerts_triggered_total{source=\"thresh-alert\",level=\"critical\",parameter=\"pH\"} 1\n"));
}
