// TimescaleDB: tables that are kept in chunks of time, with policies that compress and drop old ones.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "server_session.hpp"
#include "time/time_types.hpp"

namespace weir::pg_load {

/// What a hypertable is made with. Without a duration TimescaleDB's own default holds, or there is no such policy.
struct HypertableSettings {
  bool on = false;
  std::optional<Duration> chunk_interval{};  ///< time in a chunk
  std::optional<Duration> compress_after{};  ///< age at which a chunk is compressed
  std::vector<std::string> compress_by{};    ///< columns whose values a compressed row shares; empty: the keys
  std::optional<Duration> drop_after{};      ///< age at which a chunk is dropped
};

/// Why --upsert cannot be had on a hypertable: a unique index must contain its time column. Nothing where it can.
std::optional<std::string> hypertable_key_problem(const std::vector<std::string>& keys, const std::string& time_column);

/// A table of a hypertable, its names quoted for SQL.
struct HypertableNames {
  std::string functions;    ///< the extension's schema, an identifier
  std::string table;        ///< "schema"."relation"
  std::string table_text;   ///< the same as a literal
  std::string time_text;    ///< the time column as a literal
  std::string compress_by;  ///< the columns of compressed rows as one literal, or empty
};

/// Makes a hypertable of a table without rows; leaves one that is there.
std::string hypertable_statement(const HypertableNames& names, const HypertableSettings& settings);
/// Lets chunks be compressed. The server refuses it for chunks that are compressed otherwise.
std::string compression_statement(const HypertableNames& names);
/// The policies that are asked for, each unless there is one already.
std::string policy_statements(const HypertableNames& names, const HypertableSettings& settings);

/// Makes tables hypertables, on a server that has TimescaleDB.
class Hypertables {
 public:
  /// `keys` are those of --upsert.
  Hypertables(HypertableSettings settings, std::string time_column, const std::vector<std::string>& keys);

  bool on() const { return settings_.on; }
  /// The column that every row needs a time in; empty without hypertables.
  const std::string& time_column() const { return time_column_; }
  /// Finds the extension, and makes it in the database where the server has it. Throws cli::UsageError where it has
  /// none, and as ServerSession::run().
  void find_extension(ServerSession& session);
  /// Makes the table, by its quoted name, a hypertable with the policies. Once more it changes nothing. Throws
  /// db::ServerError; the caller's transaction is open.
  void apply(db::Connection& server, const std::string& table) const;

 private:
  HypertableSettings settings_;
  std::string time_column_;
  std::string schema_;  ///< of the extension
};

}  // namespace weir::pg_load
