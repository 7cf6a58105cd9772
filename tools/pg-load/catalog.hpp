// Tables, columns and indexes: looked up and made between the batches.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "columns.hpp"
#include "server_session.hpp"
#include "table_name.hpp"

namespace weir::pg_load {

/// The server's catalogue. No batch may be under way on the session when it is asked. Calls throw as
/// ServerSession::run().
class Catalog {
 public:
  /// `keys` are the columns of --upsert.
  Catalog(ServerSession& session, std::vector<std::string> keys) : session_(session), keys_(std::move(keys)) {}

  /// The columns of a table; nothing when there is none.
  std::optional<std::vector<Column>> columns_of(const TableName& name);
  /// Makes a table unless it exists, with an index on `time_column` where it is not empty, and a unique one on the
  /// keys.
  void create(const TableName& name, const std::vector<NewColumn>& columns, const std::string& time_column);
  /// Adds a column unless it exists. Returns why the server refuses it.
  std::optional<std::string> add_column(const TableName& name, const NewColumn& column);
  /// Throws std::runtime_error when the table has no unique index that --upsert can use; nothing without keys.
  void need_unique_keys(const TableName& name);

 private:
  ServerSession& session_;
  std::vector<std::string> keys_;
};

/// An advisory lock that every pg-load takes before it makes a table, since CREATE TABLE IF NOT EXISTS fails when two
/// make one at once.
inline constexpr std::int64_t creation_lock = 0x77656972'70676c64;

}  // namespace weir::pg_load
