// The slow way to load a batch: rows that the server refuses are found, the others are loaded.
#pragma once
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server_session.hpp"
#include "staging.hpp"
#include "table.hpp"

namespace weir::pg_load {

/// A row that the server does not take.
struct RefusedRow {
  const Part* part;
  std::size_t row;
  std::string reason;
};

/// Loads the rows of a batch in spans between savepoints, in the transaction that is open.
///
/// A span shrinks to the row that the server complains of and grows again after it. A row is refused only when it
/// stands alone, with all before it in place, so the outcome is that of loading row by row. Every step loads a span or
/// at least halves one, so it ends.
///
/// An error that may or may not be about the row (no rights, an extension's own) is the row's when no row at all
/// passes. Where the table itself is refused and a record has named it, all of its rows are refused; else the error is
/// thrown.
class CarefulLoad {
 public:
  CarefulLoad(ServerSession& session, Staging& staging) : session_(session), staging_(staging) {}

  /// Before the transaction: makes the staging tables. Throws as load().
  void prepare(const Batch& batch);

  /// Returns the refused rows. Throws db::ServerError for a refusal that is not about a row, db::ConnectionLost.
  std::vector<RefusedRow> load(const Batch& batch);

  /// Statements to be sent before the next one in the transaction: they undo the span that was refused last.
  std::string take_restore() { return std::exchange(restore_, {}); }

 private:
  void load_part(const Part& part);
  void refuse_from(const Part& part, std::size_t row, const db::ServerError& refusal);
  std::optional<db::ServerError> load_rows(const Part& part, const Destination& destination, std::size_t first,
                                           std::size_t last);

  ServerSession& session_;
  Staging& staging_;
  std::set<const Part*> without_stage_;  ///< all of their rows are refused
  std::vector<RefusedRow> refused_;
  std::string restore_;
};

}  // namespace weir::pg_load
