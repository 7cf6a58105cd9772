// The loader's other half: tables, columns and indexes, between the batches.
#include <fmt/format.h>

#include <stdexcept>

#include "loader.hpp"
#include "refusal.hpp"

namespace weir::pg_load {
namespace {

/// Any number will do, as long as every pg-load takes the same.
constexpr std::int64_t creation_lock = 0x77656972'70676c64;

}  // namespace

/// Runs work that may be done twice, on a connection, until it is done.
template <typename Work>
auto Loader::with_connection(Work work) {
  settle();
  for (;;) {
    try {
      if (!connection_.is_open()) connect();
      return work();
    } catch (const db::ConnectionLost& loss) {
      ++reconnects_;
      words_.warn(fmt::format("the connection was lost: {}", loss.what()));
    } catch (const db::ServerError& error) {
      try {
        if (connection_.is_open()) connection_.rollback();
      } catch (const db::ConnectionLost&) {
        // the next use finds out
      }
      if (!is_transient(error)) throw std::runtime_error(full_words(error.words()));
      words_.warn(fmt::format("{}; trying again", error.what()));
      connection_.pause(std::chrono::ceil<std::chrono::milliseconds>(back_off_.next()));
    }
  }
}

std::optional<std::vector<Column>> Loader::columns_of(const TableName& name) {
  return with_connection([&]() -> std::optional<std::vector<Column>> {
    const std::string table = quoted(name);
    if (!connection_.query("SELECT to_regclass($1)", {table}).at(0).at(0)) return std::nullopt;
    // A domain counts as the type beneath it.
    const db::Rows rows = connection_.query(
        "SELECT a.attname, coalesce(b.typname, t.typname), a.attgenerated <> '', a.attidentity = 'a' FROM pg_attribute "
        "a "
        "JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype "
        "WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        {table});
    std::vector<Column> columns;
    for (const auto& row : rows)
      columns.push_back(
          {row.at(0).value_or(""), kind_of_type(row.at(1).value_or("")), row.at(2) == "t", row.at(3) == "t"});
    return columns;
  });
}

void Loader::create(const TableName& name, const std::vector<NewColumn>& columns, const std::string& time_column) {
  with_connection([&] {
    const std::string table = quoted(name);
    // CREATE TABLE IF NOT EXISTS fails when two make the table at once, so only one may.
    connection_.query(fmt::format("BEGIN; SELECT pg_advisory_xact_lock({})", creation_lock));
    if (!connection_.query("SELECT to_regclass($1)", {table}).at(0).at(0)) {
      std::string statement = fmt::format("CREATE TABLE {} (", table);
      for (std::size_t i = 0; i < columns.size(); ++i)
        statement +=
            fmt::format("{}{} {}", i == 0 ? "" : ", ", connection_.identifier(columns[i].name), columns[i].type);
      statement += ");";
      if (!time_column.empty())
        statement += fmt::format("CREATE INDEX ON {} ({});", table, connection_.identifier(time_column));
      if (!settings_.keys.empty()) {
        statement += fmt::format("CREATE UNIQUE INDEX ON {} (", table);
        for (std::size_t i = 0; i < settings_.keys.size(); ++i)
          statement += fmt::format("{}{}", i == 0 ? "" : ", ", connection_.identifier(settings_.keys[i]));
        statement += ");";
      }
      connection_.query(statement);
    }
    connection_.query("COMMIT");
  });
}

std::optional<std::string> Loader::add_column(const TableName& name, const NewColumn& column) {
  return with_connection([&]() -> std::optional<std::string> {
    try {
      connection_.query(fmt::format("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}", quoted(name),
                                    connection_.identifier(column.name), column.type));
    } catch (const db::ServerError& error) {
      // 54011: too many columns; 42701: one is named so, such as a system column; 42704: no such type
      if (error.is("54") || error.is("42701") || error.is("42P16") || error.is("42704"))
        return full_words(error.words());
      throw;
    }
    return std::nullopt;
  });
}

std::uint64_t Loader::take_over(const std::string& pipe, const std::string& run, RefusedOfEpoch refused) {
  pipe_ = pipe;
  run_ = run;
  refused_of_epoch_ = std::move(refused);
  const std::string epoch = with_connection([&] {
    if (!connection_.query("SELECT to_regclass('weir_epoch')").at(0).at(0)) {
      connection_.query(fmt::format("BEGIN; SELECT pg_advisory_xact_lock({})", creation_lock));
      connection_.query(
          "CREATE TABLE IF NOT EXISTS weir_epoch (pipe text PRIMARY KEY, run text NOT NULL, epoch bigint NOT NULL);"
          "COMMIT");
    }
    return connection_
        .query(
            "INSERT INTO weir_epoch (pipe, run, epoch) VALUES ($1, $2, 0) ON CONFLICT (pipe) DO UPDATE SET run = "
            "EXCLUDED.run RETURNING epoch",
            {pipe, run})
        .at(0)
        .at(0)
        .value_or("0");
  });
  return std::stoull(epoch);
}

/// Looks at what the statement of closing() has returned. Throws std::runtime_error when another run has taken over.
void Loader::expect_next_epoch(std::size_t rows) {
  if (rows == 1) return;
  connection_.close();
  busy_ = false;
  throw std::runtime_error(
      fmt::format("another run of the pipeline '{}' has taken over, and this one ends; two pipelines that load into "
                  "one database need different names (--pipe)",
                  pipe_));
}

/// After a lost connection: whether the COMMIT that was on its way has come to pass. The row is locked until then, so
/// to ask for its lock is to wait for the old session.
bool Loader::epoch_was_committed() {
  const db::Rows rows =
      connection_.query("SELECT epoch FROM weir_epoch WHERE pipe = $1 AND run = $2 FOR UPDATE", {pipe_, run_});
  expect_next_epoch(rows.size());
  return rows.at(0).at(0) == std::to_string(*batch_.epoch);
}

void Loader::tell_refused() {
  if (refused_rows_.empty() && !refused_told_) return;
  std::vector<RejectLog::Refusal> refused;
  for (const RefusedRow& row : refused_rows_) {
    const Row& where = row.part->rows[row.row];
    refused.push_back({where.line, std::string(batch_.raw_of(where)), row.reason});
  }
  refused_of_epoch_(refused);
  refused_told_ = true;
}

void Loader::need_unique_keys(const TableName& name) {
  const bool found = with_connection([&] {
    std::string wanted;
    for (const std::string& key : settings_.keys)
      wanted += fmt::format("{}{}", wanted.empty() ? "" : ", ", connection_.literal(key));
    // What ON CONFLICT can infer: unique, valid, at once, whole, of these columns and no others.
    const db::Rows rows = connection_.query(
        fmt::format("SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = to_regclass($1) AND "
                    "i.indisunique AND i.indisvalid "
                    "AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AND (SELECT "
                    "array_agg(a.attname::text ORDER BY a.attname::text COLLATE \"C\") "
                    "FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY "
                    "((i.indkey::int2[])[0:i.indnkeyatts - 1])) "
                    "= (SELECT array_agg(k ORDER BY k COLLATE \"C\") FROM unnest(ARRAY[{}]::text[]) k))",
                    wanted),
        {quoted(name)});
    return rows.at(0).at(0) == "t";
  });
  if (found) return;
  throw std::runtime_error(
      fmt::format("--upsert needs a unique index on ({}) of {}, and there is none: CREATE UNIQUE INDEX makes it",
                  fmt::join(settings_.keys, ", "), name.text()));
}

}  // namespace weir::pg_load
