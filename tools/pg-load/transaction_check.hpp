// What became of a transaction whose COMMIT was on its way when the connection broke.
#pragma once
#include <string>

#include "server_session.hpp"
#include "table.hpp"

namespace weir::pg_load {

/// A transaction as the server names it.
struct Transaction {
  std::string id;
  std::string server_start;  ///< of the server that gave the id
};

/// A statement that returns the id of the transaction it is in.
std::string id_statement(const ServerSession& session);

/// Whether an id that the server knows as committed must be this transaction.
enum class TrustId : std::uint8_t {
  always,           ///< loading the rows again would change nothing
  if_not_restarted  ///< a server that crashed may have given the id again: then the batch's rows must be there
};

/// True when the transaction was committed; waits while it is under way. Throws std::runtime_error when the server no
/// longer knows, and db::ServerError, db::ConnectionLost.
bool was_committed(ServerSession& session, const Transaction& transaction, const Batch& batch, TrustId trust);

}  // namespace weir::pg_load
