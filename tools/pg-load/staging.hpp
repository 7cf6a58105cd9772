// Where the rows of a part go: into a table or, with --upsert, through a temporary table.
#pragma once
#include <map>
#include <string>
#include <utility>

#include "server_session.hpp"
#include "statements.hpp"
#include "table.hpp"

namespace weir::pg_load {

/// The staging tables of a connection, one for each layout of a table.
class Staging {
 public:
  explicit Staging(ServerSession& session) : session_(session) {}

  /// Makes the staging tables that a batch needs and this connection does not have; drops those of layouts that a table
  /// has grown out of. Throws db::ServerError and db::ConnectionLost.
  void prepare(const Batch& batch);
  /// As above, of one part of the batch.
  void prepare(const Part& part, const Batch& batch);

  /// The destination of a part, after prepare().
  Destination destination_of(const Part& part) const;

 private:
  struct Stage {
    std::string name;
    std::string order;  ///< its column that holds the order of the rows
  };
  using Key = std::pair<const Table*, unsigned>;  ///< a table and the version of its layout

  void drop_outgrown(const Key& current, const Batch& batch);

  ServerSession& session_;
  std::map<Key, Stage> stages_;
  unsigned connection_ = 0;  ///< whose tables these are
  unsigned made_ = 0;
};

}  // namespace weir::pg_load
