#include "metrics/exposition.hpp"

#include "catch.hpp"

using namespace weir::metrics;

TEST_CASE("figures become text as Prometheus reads it") {
  Exposition page;
  page.counter("a_total", "How many", {{"kind", "x"}}, 3);
  page.counter("a_total", "How many", {{"kind", "with \"quotes\" and \\"}}, 4);
  page.gauge("b", "How much", {}, 1.5);
  Histogram times({0.001, 0.1, 1});
  for (const double each : {0.0005, 0.001, 0.05, 2.0}) times.observe(each);
  page.histogram("c_seconds", "How long", {{"stage", "s"}}, times);
  const std::string text = page.text();
  const auto has = [&](const char* what) { return text.find(what) != std::string::npos; };
  CHECK(has("# HELP a_total How many\n# TYPE a_total counter\na_total{kind=\"x\"} 3\n"));
  CHECK(has("a_total{kind=\"with \\\"quotes\\\" and \\\\\"} 4\n"));
  CHECK(has("# TYPE b gauge\nb 1.5\n"));
  CHECK(has("c_seconds_bucket{stage=\"s\",le=\"0.001\"} 2\n"));
  CHECK(has("c_seconds_bucket{stage=\"s\",le=\"0.1\"} 3\n"));
  CHECK(has("c_seconds_bucket{stage=\"s\",le=\"1\"} 3\n"));
  CHECK(has("c_seconds_bucket{stage=\"s\",le=\"+Inf\"} 4\n"));
  CHECK(has("c_seconds_count{stage=\"s\"} 4\n"));
  CHECK(text.find("# HELP a_total") == text.rfind("# HELP a_total"));
}

TEST_CASE("figures of this process") {
  Exposition page;
  page.process();
  const std::string text = page.text();
  for (const char* name :
       {"process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds ", "process_max_fds "})
    CHECK(text.find(std::string("\n") + name) != std::string::npos);
}
