#include "epoch_row.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "catalog.hpp"
#include "statements.hpp"
#include "time/timestamp.hpp"

namespace weir::pg_load {

std::uint64_t EpochRow::fence(const std::string& pipe, const std::string& run) {
  pipe_ = pipe;
  run_ = run;
  const db::Rows rows = session_.run([&](db::Connection& server) {
    if (!server.query("SELECT to_regclass('weir_epoch')").at(0).at(0)) {
      server.query(fmt::format("BEGIN; SELECT pg_advisory_xact_lock({})", creation_lock));
      server.query(
          "CREATE TABLE IF NOT EXISTS weir_epoch (pipe text PRIMARY KEY, run text NOT NULL, epoch bigint NOT NULL, "
          "watermark timestamptz);"
          "COMMIT");
    }
    has_watermark_ = !server
                          .query(
                              "SELECT 1 FROM pg_attribute WHERE attrelid = 'weir_epoch'::regclass AND attname = "
                              "'watermark' AND atttypid = 'timestamptz'::regtype AND NOT attisdropped")
                          .empty();
    constexpr const char* text_of_watermark =
        "to_char(weir_epoch.watermark AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
    return server.query(
        fmt::format("INSERT INTO weir_epoch (pipe, run, epoch) VALUES ($1, $2, 0) ON CONFLICT (pipe) DO UPDATE SET run "
                    "= EXCLUDED.run RETURNING epoch, {}",
                    has_watermark_ ? text_of_watermark : "NULL"),
        {pipe, run});
  });
  if (const auto& text = rows.at(0).at(1)) watermark_ = TimeParser().parse(*text);
  return std::stoull(rows.at(0).at(0).value_or("0"));
}

std::string EpochRow::statement(std::uint64_t epoch, const std::optional<Time>& watermark) const {
  const db::Connection& server = session_.connection();
  std::string text;
  if (has_watermark_ && watermark) append_time(text, *watermark);
  return epoch_statement(server.literal(pipe_), server.literal(run_), epoch, text);
}

void EpochRow::expect_set(std::size_t rows) {
  if (rows == 1) return;
  session_.connection().close();
  throw std::runtime_error(
      fmt::format("another run of the pipeline '{}' has taken over, and this one ends; two pipelines that load into "
                  "one database need different names (--pipe)",
                  pipe_));
}

bool EpochRow::was_committed(std::uint64_t epoch) {
  const db::Rows rows = session_.connection().query(
      "SELECT epoch FROM weir_epoch WHERE pipe = $1 AND run = $2 FOR UPDATE", {pipe_, run_});
  expect_set(rows.size());
  return rows.at(0).at(0) == std::to_string(epoch);
}

}  // namespace weir::pg_load
