#include "report.hpp"

#include "catch.hpp"

using namespace weir::pipe_health;
using namespace std::chrono_literals;

namespace {

const std::chrono::system_clock::time_point noon{std::chrono::seconds(1767268800)};

std::vector<State> states() {
  State good{parse_target("db=postgres://localhost/weather")};
  good.result = Result{.healthy = true, .took_s = 0.0021};
  good.at = good.since = noon - 5s;
  good.runs = 3;
  State bad{parse_target("pipe=state:run")};
  bad.result = Result{.healthy = false, .problem = "state:run: it is \"old\"", .took_s = 0, .age_s = 61.5, .epoch = 7};
  bad.at = bad.since = noon;
  bad.runs = 2;
  bad.failures = 1;
  return {good, bad, {parse_target("redis://localhost")}};
}

}  // namespace

TEST_CASE("the health page has the checks by name") {
  std::vector<State> all = states();
  CHECK(!are_healthy(all));
  CHECK(
      health_page(all, noon) ==
      R"({"status":"unhealthy","timestamp":"2026-01-01T12:00:00Z","checks":{"db":{"name":"db","status":"healthy",)"
      R"("place":"postgres://localhost/weather","took_ms":2.1,"checked":"2026-01-01T11:59:55Z","since":"2026-01-01T11:59:55Z",)"
      R"("runs":3,"failures":0},"pipe":{"name":"pipe","status":"unhealthy","place":"state:run",)"
      R"("problem":"state:run: it is \"old\"","took_ms":0,"epoch":7,"age_s":61.5,"checked":"2026-01-01T12:00:00Z",)"
      R"("since":"2026-01-01T12:00:00Z","runs":2,"failures":1},"redis":{"name":"redis","status":"unknown",)"
      R"("place":"redis://localhost"}}})"
      "\n");
  all.resize(1);
  CHECK(are_healthy(all));
}

TEST_CASE("the metrics page is text, or OpenMetrics where that is asked for") {
  const MetricsPage text = metrics_page(states(), noon, "*/*", "");
  CHECK(text.type.starts_with("text/plain"));
  CHECK(text.body.find("weir_health_up{check=\"db\"} 1\nweir_health_up{check=\"pipe\"} 0\n") != std::string::npos);
  CHECK(text.body.find("# TYPE weir_health_failures_total counter\n") != std::string::npos);
  const MetricsPage open =
      metrics_page(states(), noon, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "");
  CHECK(open.type.starts_with("application/openmetrics-text; version=1.0.0"));
  CHECK(open.body.find("# TYPE weir_health_failures counter\n") != std::string::npos);
  CHECK(open.body.find("weir_health_failures_total{check=\"pipe\"} 1\n") != std::string::npos);
  CHECK(open.body.ends_with("# EOF\n"));
}

TEST_CASE("checks are chosen by name, and a name that is not there is told") {
  const std::vector<State> all = states();
  CHECK(chosen(all, "db")->size() == 1);
  CHECK(chosen(all, "redis,db")->front().target.name == "redis");
  for (const char* none : {"", ",", "db,,pipe", "none", "db,none"}) CHECK_FALSE(chosen(all, none));
  CHECK(names_of(all) == "there are db, pipe, redis");
  CHECK(names_of({}) == "there is none");
}
