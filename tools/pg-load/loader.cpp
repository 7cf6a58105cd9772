#include "loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "refusal.hpp"
#include "statements.hpp"

namespace weir::pg_load {

void Loader::begin(Batch&& batch) {
  settle();
  batch_ = std::move(batch);
  busy_ = true;
  drive(Results::Wait::no);
}

void Loader::pump() {
  if (busy_) drive(Results::Wait::no);
}

void Loader::settle() {
  if (busy_) drive(Results::Wait::yes);
}

/// Moves the batch on; whatever goes wrong is put right here.
void Loader::drive(Results::Wait wait) {
  try {
    if (!session_.connection().is_open()) {
      session_.connect();
      started_ = false;
    }
    if (see_through(wait)) done();
  } catch (const db::ServerError& refusal) {
    recover(&refusal, {});
  } catch (const db::ConnectionLost& loss) {
    recover(nullptr, loss.what());
  }
}

/// Loads the batch in the quick way, from where it is. True when it is committed.
bool Loader::see_through(Results::Wait wait) {
  db::Connection& server = session_.connection();
  if (!started_) start();
  while (!feed()) {
    if (wait == Results::Wait::no) return false;
    server.flush();
  }
  if (!results_.collect(server, wait)) return false;
  if (!batch_.epoch || commit_sent_) return true;
  epoch_row_.expect_set(results_.rows());
  report_refused_of_epoch();
  commit_sent_ = true;
  server.send("COMMIT");
  return results_.collect(server, wait);
}

void Loader::start() {
  commit_sent_ = false;
  transaction_ = {};
  results_ = {};
  part_ = 0;
  sent_ = 0;
  staging_.prepare(batch_);
  std::string statements = "BEGIN;" + id_statement(session_) + ";";
  for (const Part& part : batch_.parts) {
    const Destination destination = staging_.destination_of(part);
    const Doubles doubles = part.may_have_doubles() ? Doubles::possible : Doubles::none;
    statements += copy_statement(destination) + upsert_statement(destination, doubles, std::nullopt);
  }
  // With an epoch the COMMIT has to wait until the server has confirmed that this is the next one.
  statements += batch_.epoch ? epoch_row_.statement(*batch_.epoch, batch_.watermark) : "COMMIT";
  session_.connection().send(statements);
  started_ = true;
  if (batch_.parts.empty()) return;
  transaction_ = {await_copy(session_.connection()).value_or(""), session_.server_start()};
}

/// Sends data as far as the connection takes it. True when all of it is on its way.
bool Loader::feed() {
  db::Connection& server = session_.connection();
  while (part_ < batch_.parts.size()) {
    const std::string& text = batch_.parts[part_].text;
    for (; sent_ < text.size(); sent_ += std::min(piece_size, text.size() - sent_))
      if (!server.try_put_copy(std::string_view(text).substr(sent_, piece_size))) return false;
    if (part_ + 1 == batch_.parts.size() && !batch_.epoch) commit_sent_ = true;
    server.end_copy();
    ++part_;
    sent_ = 0;
    if (part_ < batch_.parts.size()) await_copy(server);
  }
  return true;
}

/// Sees the batch through after a refusal or a loss, waiting.
void Loader::recover(const db::ServerError* refusal, std::string loss) {
  std::optional<db::ServerError> refused;
  if (refusal != nullptr) refused = *refusal;
  for (;;) {
    try {
      if (!loss.empty()) session_.report_loss(std::exchange(loss, {}));
      if (refused) {
        const db::ServerError error = *std::exchange(refused, std::nullopt);
        check_refusal(error);
        commit_sent_ = false;
        careful_ = careful_ || !is_transient(error);
        if (session_.connection().is_open()) session_.connection().rollback();
        if (is_transient(error)) session_.pause();
      }
      if (!session_.connection().is_open()) {
        session_.connect();
        if (commit_sent_ && was_committed()) return done();
      }
      started_ = false;
      if (careful_) {
        load_carefully();
      } else {
        see_through(Results::Wait::yes);
      }
      return done();
    } catch (const db::ServerError& error) {
      refused = error;
    } catch (const db::ConnectionLost& error) {
      loss = error.what();
    }
  }
}

/// Throws when trying again will not help.
void Loader::check_refusal(const db::ServerError& refusal) {
  if (is_transient(refusal)) {
    session_.report_retry(refusal);
    if (refusal.is("25006")) session_.connection().close();  // perhaps the server that was promoted answers now
    return;
  }
  if (!is_of_server(refusal) && !careful_) return;  // perhaps a row is at fault
  session_.connection().close();
  busy_ = false;
  throw std::runtime_error("the server refuses to load: " + full_text(refusal.report()));
}

bool Loader::was_committed() {
  if (batch_.epoch) return epoch_row_.was_committed(*batch_.epoch);
  return pg_load::was_committed(session_, transaction_, batch_, careful_ ? TrustId::always : trust_);
}

void Loader::load_carefully() {
  commit_sent_ = false;
  refused_rows_.clear();
  CarefulLoad load(session_, staging_);
  load.prepare(batch_);
  db::Connection& server = session_.connection();
  // A deferred constraint would be checked only at COMMIT, too late to tell which row it means.
  const db::Rows rows = server.query("BEGIN;SET CONSTRAINTS ALL IMMEDIATE;" + id_statement(session_));
  transaction_ = {rows.at(0).at(0).value_or(""), session_.server_start()};
  refused_rows_ = load.load(batch_);
  if (batch_.epoch) {
    // The epoch's number first: its row is locked from then on, so nobody else commits this epoch any more.
    epoch_row_.expect_set(server.query(load.take_restore() + epoch_row_.statement(*batch_.epoch, batch_.watermark)).size());
    report_refused_of_epoch();
  }
  commit_sent_ = true;
  server.query(load.take_restore() + "COMMIT");
}

/// Makes the refused rows durable before the commit; again when the load had to be done again.
void Loader::report_refused_of_epoch() {
  if (refused_rows_.empty() && batch_.refused.empty() && !refused_reported_) return;
  std::vector<Refusal> refused = batch_.refused;
  for (const RefusedRow& row : refused_rows_) {
    const Row& where = row.part->rows[row.row];
    refused.push_back({where.line, std::string(batch_.raw_of(where)), row.reason});
  }
  host_.refuse(refused);
  refused_reported_ = true;
}

/// The batch is committed: forgets it, and rejects its refused rows.
void Loader::done() {
  const std::vector<RefusedRow> refused = std::exchange(refused_rows_, {});
  const Batch batch = std::exchange(batch_, {});
  busy_ = false;
  started_ = false;
  careful_ = false;
  commit_sent_ = false;
  refused_reported_ = false;
  session_.reset_pause();
  loaded_ += batch.rows - refused.size();
  if (batch.epoch) return;  // they were reported before the commit
  for (const Refusal& record : batch.refused) host_.reject(record.line, record.raw, record.reason);
  for (const RefusedRow& row : refused) {
    const Row& where = row.part->rows[row.row];
    host_.reject(where.line, batch.raw_of(where), row.reason);
  }
}

}  // namespace weir::pg_load
