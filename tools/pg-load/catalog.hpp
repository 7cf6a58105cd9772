// Tables, columns and indexes: looked up and made between the batches.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "columns.hpp"
#include "hypertable.hpp"
#include "server_session.hpp"
#include "table_name.hpp"

namespace weir::pg_load {

/// What the server has by a table's name.
struct FoundTable {
  std::optional<std::vector<Column>> columns;  ///< nothing when there is no such table
  bool is_own = false;                         ///< made by --create, which may add columns to it
  std::string problem;                         ///< why it cannot be loaded, or empty
};

/// The server's catalogue. No batch may be under way on the session when it is asked. Calls throw as
/// ServerSession::run(). Those that change something return why the server refuses it, or nothing.
///
/// Tables and columns that are made bear a comment, so that a later run knows what it may change.
class Catalog {
 public:
  using Refusal = std::optional<std::string>;

  /// `keys` are the columns of --upsert. `hypertables` must outlive this.
  Catalog(ServerSession& session, std::vector<std::string> keys, const Hypertables& hypertables)
      : session_(session), keys_(std::move(keys)), hypertables_(hypertables) {}

  FoundTable find(const TableName& name);
  /// What the server understands by types, such as varchar(40), given by the names of columns.
  GivenColumns columns_of_types(const std::map<std::string, std::string, std::less<>>& types);
  /// Makes a table unless it exists, with an index on `time_column` where it is not empty, and a unique one on the
  /// keys; a hypertable where that is asked for.
  Refusal create(const TableName& name, std::span<const Column> columns, const std::string& time_column);
  /// Makes a table that an earlier run made a hypertable with its policies, where that is asked for. It may be one.
  Refusal make_hypertable(const TableName& name);
  /// Adds columns unless they exist, all or none.
  Refusal add_columns(const TableName& name, std::span<const Column> columns);
  /// Gives a column that widens the wider type, NUMERIC in place of DOUBLE PRECISION where its values need it. Leaves
  /// it where it is as wide already.
  Refusal widen(const TableName& name, const std::string& column, ColumnKind kind, std::string_view type);
  /// Why --upsert cannot use the table: it has no unique index on the keys. Nothing without keys.
  Refusal key_problem(const TableName& name);

 private:
  template <typename Work>
  Refusal attempt(Work work);

  ServerSession& session_;
  std::vector<std::string> keys_;
  const Hypertables& hypertables_;
};

/// An advisory lock that every pg-load takes before it makes a table, since CREATE TABLE IF NOT EXISTS fails when two
/// make one at once.
inline constexpr std::int64_t creation_lock = 0x77656972'70676c64;

/// The table of pg-load's own, for the epochs of pipelines.
inline constexpr std::string_view epoch_table = "weir_epoch";

}  // namespace weir::pg_load
