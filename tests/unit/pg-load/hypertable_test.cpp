#include "hypertable.hpp"

#include <chrono>

#include "catch.hpp"

using namespace weir;
using namespace weir::pg_load;
using namespace std::chrono_literals;

namespace {

const HypertableNames names{R"("scale")", R"("plant"."raw")", R"('"plant"."raw"')", "'timestamp'", ""};

}  // namespace

TEST_CASE("statements of a hypertable") {
  HypertableSettings settings;
  CHECK(hypertable_statement(names, settings) ==
        R"(SELECT "scale".create_hypertable('"plant"."raw"'::regclass, 'timestamp', create_default_indexes => false, )"
        R"(if_not_exists => true);)");
  settings.chunk_interval = std::chrono::days(1);
  CHECK(hypertable_statement(names, settings) ==
        R"(SELECT "scale".create_hypertable('"plant"."raw"'::regclass, 'timestamp', )"
        R"(chunk_time_interval => INTERVAL '1 days', create_default_indexes => false, if_not_exists => true);)");
  CHECK(policy_statements(names, settings).empty());
}

TEST_CASE("statements of compression and of policies") {
  CHECK(compression_statement(names) == R"(ALTER TABLE "plant"."raw" SET (timescaledb.compress);)");
  HypertableNames by = names;
  by.compress_by = R"('"site","meter"')";
  CHECK(compression_statement(by) ==
        R"(ALTER TABLE "plant"."raw" SET (timescaledb.compress, timescaledb.compress_segmentby = '"site","meter"');)");
  HypertableSettings settings;
  settings.compress_after = 36h;
  settings.drop_after = std::chrono::days(90);
  CHECK(policy_statements(names, settings) ==
        R"(SELECT "scale".add_compression_policy('"plant"."raw"'::regclass, compress_after => )"
        R"(INTERVAL '129600000000 microseconds', if_not_exists => true);)"
        R"(SELECT "scale".add_retention_policy('"plant"."raw"'::regclass, drop_after => INTERVAL '90 days', )"
        R"(if_not_exists => true);)");
}

TEST_CASE("a unique index of a hypertable contains the time column") {
  CHECK_FALSE(hypertable_key_problem({}, "timestamp").has_value());
  CHECK_FALSE(hypertable_key_problem({"city", "timestamp"}, "timestamp").has_value());
  CHECK(hypertable_key_problem({"city"}, "at").has_value());
  CHECK_FALSE(Hypertables({}, "timestamp", {}).on());
  CHECK(Hypertables({}, "timestamp", {}).time_column().empty());
}
