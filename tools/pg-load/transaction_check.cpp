#include "transaction_check.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace weir::pg_load {
namespace {

/// True when the tables of the batch hold a row that the transaction made. Reads whole tables; only needed after a
/// crash of the server.
bool has_row_of(ServerSession& session, const Transaction& transaction, const Batch& batch) {
  for (const Part& part : batch.parts) {
    const std::string statement =
        fmt::format("SELECT EXISTS (SELECT FROM {} WHERE xmin::text::bigint = ({}::bigint & 4294967295))",
                    session.quoted(part.table->name()), transaction.id);
    try {
      if (session.connection().query(statement).at(0).at(0) == "t") return true;
    } catch (const db::ServerError&) {
      return true;  // a view has no xmin, or rows may not be read: the status of the id must do
    }
  }
  return false;
}

/// The status of the transaction; `aborted` when the server has never given its id.
std::string status_of(ServerSession& session, const Transaction& transaction) {
  try {
    const db::Rows rows = session.connection().query(
        session.is_before_13() ? fmt::format("SELECT txid_status({})", transaction.id)
                               : fmt::format("SELECT pg_xact_status('{}'::xid8)", transaction.id));
    if (const auto& status = rows.at(0).at(0)) return *status;
  } catch (const db::ServerError& error) {
    // The id lies in the future: a server that crashed never wrote that it had given it.
    if (error.is("22023")) return "aborted";
    throw;
  }
  throw std::runtime_error(
      "the server no longer knows whether the last batch was committed; look before loading it again");
}

}  // namespace

std::string id_statement(const ServerSession& session) {
  return session.is_before_13() ? "SELECT txid_current()" : "SELECT pg_current_xact_id()";
}

bool was_committed(ServerSession& session, const Transaction& transaction, const Batch& batch, TrustId trust) {
  for (;;) {
    const std::string status = status_of(session, transaction);
    if (status == "aborted") return false;
    if (status == "committed")
      return trust == TrustId::always || transaction.server_start == session.server_start() ||
             has_row_of(session, transaction, batch);
    session.pause();  // the old session still runs
  }
}

}  // namespace weir::pg_load
