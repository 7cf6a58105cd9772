#include "hypertable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "catalog.hpp"
#include "cli/errors.hpp"

namespace weir::pg_load {
namespace {

/// A duration as PostgreSQL writes it: whole days as days, so that policies read as they were given.
std::string interval_of(Duration duration) {
  using std::chrono::days;
  using std::chrono::microseconds;
  const auto whole = std::chrono::duration_cast<days>(duration);
  if (whole == duration) return fmt::format("INTERVAL '{} days'", whole.count());
  return fmt::format("INTERVAL '{} microseconds'", std::chrono::duration_cast<microseconds>(duration).count());
}

}  // namespace

std::optional<std::string> hypertable_key_problem(const std::vector<std::string>& keys,
                                                  const std::string& time_column) {
  if (keys.empty() || std::find(keys.begin(), keys.end(), time_column) != keys.end()) return std::nullopt;
  return fmt::format(
      "--hypertable: the keys of --upsert ({}) lack the time column {}, which a unique index of a hypertable contains",
      fmt::join(keys, ", "), time_column);
}

std::string hypertable_statement(const HypertableNames& names, const HypertableSettings& settings) {
  std::string chunks;
  if (settings.chunk_interval)
    chunks = fmt::format("chunk_time_interval => {}, ", interval_of(*settings.chunk_interval));
  return fmt::format(
      "SELECT {}.create_hypertable({}::regclass, {}, {}create_default_indexes => false, if_not_exists => true);",
      names.functions, names.table_text, names.time_text, chunks);
}

std::string compression_statement(const HypertableNames& names) {
  std::string segments;
  if (!names.compress_by.empty()) segments = fmt::format(", timescaledb.compress_segmentby = {}", names.compress_by);
  return fmt::format("ALTER TABLE {} SET (timescaledb.compress{});", names.table, segments);
}

std::string policy_statements(const HypertableNames& names, const HypertableSettings& settings) {
  std::string statements;
  const auto add = [&](const char* function, const char* age, const std::optional<Duration>& after) {
    if (!after) return;
    statements += fmt::format("SELECT {}.{}({}::regclass, {} => {}, if_not_exists => true);", names.functions, function,
                              names.table_text, age, interval_of(*after));
  };
  add("add_compression_policy", "compress_after", settings.compress_after);
  add("add_retention_policy", "drop_after", settings.drop_after);
  return statements;
}

Hypertables::Hypertables(HypertableSettings settings, std::string time_column, const std::vector<std::string>& keys)
    : settings_(std::move(settings)), time_column_(settings_.on ? std::move(time_column) : std::string()) {
  if (!settings_.compress_by.empty()) return;
  settings_.compress_by = keys;
  std::erase(settings_.compress_by, time_column_);
}

void Hypertables::find_extension(ServerSession& session) {
  if (!on()) return;
  session.run([&](db::Connection& server) {
    const auto schema = [&] {
      return server.query(
          "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = "
          "'timescaledb'");
    };
    db::Rows found = schema();
    if (found.empty()) {
      if (server.query("SELECT FROM pg_available_extensions WHERE name = 'timescaledb'").empty())
        throw cli::UsageError(fmt::format(
            "--hypertable: {} has no TimescaleDB: pg_available_extensions does not name timescaledb", server.name()));
      server.query(
          fmt::format("BEGIN; SELECT pg_advisory_xact_lock({}); CREATE EXTENSION IF NOT EXISTS timescaledb; COMMIT",
                      creation_lock));
      found = schema();
    }
    schema_ = server.identifier(found.at(0).at(0).value_or(""));
  });
}

void Hypertables::apply(db::Connection& server, const std::string& table) const {
  std::string segments;
  for (const std::string& column : settings_.compress_by)
    segments += (segments.empty() ? "" : ",") + server.identifier(column);
  const HypertableNames names{schema_, table, server.literal(table), server.literal(time_column_),
                              segments.empty() ? segments : server.literal(segments)};
  // Notices of what is there already would be shown at every start.
  server.query("SET LOCAL client_min_messages = warning;" + hypertable_statement(names, settings_));
  if (settings_.compress_after &&
      server
          .query("SELECT FROM timescaledb_information.hypertables WHERE compression_enabled AND "
                 "format('%I.%I', hypertable_schema, hypertable_name)::regclass = $1::regclass",
                 {table})
          .empty())
    server.query(compression_statement(names));
  if (const std::string policies = policy_statements(names, settings_); !policies.empty()) server.query(policies);
}

}  // namespace weir::pg_load
