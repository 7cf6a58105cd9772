// Batches of rows into PostgreSQL, each in one transaction, through lost connections and refused rows.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "careful_load.hpp"
#include "epoch_row.hpp"
#include "pipeline/sink_stage.hpp"
#include "results.hpp"
#include "server_session.hpp"
#include "staging.hpp"
#include "table.hpp"
#include "transaction_check.hpp"

namespace weir::pg_load {

/// Loads one batch at a time. While a batch is under way the caller may fill the next one: pump() moves it on without
/// waiting.
///
/// A batch is one transaction: BEGIN, its id, COPY (and INSERT … ON CONFLICT) for each table, COMMIT, all in one
/// message. After a lost connection whose COMMIT was on its way, the loader asks the server what became of the
/// transaction, and loads the batch again only when it was not committed. When the server refuses a row, the batch is
/// loaded again by CarefulLoad, still in one transaction.
///
/// A batch that is an epoch sets the pipeline's EpochRow in the same transaction. The COMMIT is sent only when the
/// server confirms that this is the next epoch.
///
/// Calls throw as ServerSession::run().
class Loader {
 public:
  /// All must outlive this. `trust` tells whether the id of a committed transaction can be relied upon.
  Loader(ServerSession& session, EpochRow& epoch_row, SinkHost& host, TrustId trust)
      : session_(session), epoch_row_(epoch_row), host_(host), trust_(trust), staging_(session) {}

  bool busy() const { return busy_; }
  /// Starts to load a batch, after the one under way.
  void begin(Batch&& batch);
  /// Moves the batch under way on, without waiting unless something went wrong.
  void pump();
  /// Waits until the batch under way is loaded and its refused rows are rejected.
  void settle();

  /// For poll(2), while busy.
  pollfd descriptor() const { return session_.connection().descriptor(); }

  /// Rows loaded so far.
  std::uint64_t loaded() const { return loaded_; }

 private:
  void drive(Results::Wait wait);
  void start();
  bool feed();
  bool see_through(Results::Wait wait);
  void recover(const db::ServerError* refusal, std::string loss);
  void check_refusal(const db::ServerError& refusal);
  bool was_committed();
  void load_carefully();
  void report_refused_of_epoch();
  void done();

  ServerSession& session_;
  EpochRow& epoch_row_;
  SinkHost& host_;
  TrustId trust_;
  Staging staging_;
  std::uint64_t loaded_ = 0;

  // The batch under way:
  Batch batch_;
  bool busy_ = false;
  bool started_ = false;      ///< on this connection
  bool careful_ = false;      ///< a row was refused
  std::size_t part_ = 0;      ///< the part whose data is being sent
  std::size_t sent_ = 0;      ///< bytes of it
  bool commit_sent_ = false;  ///< nothing more is needed from us for the transaction to be committed
  Results results_;
  Transaction transaction_;
  std::vector<RefusedRow> refused_rows_;
  bool refused_reported_ = false;
};

}  // namespace weir::pg_load
