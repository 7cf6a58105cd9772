#include "loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "refusal.hpp"

namespace weir::pg_load {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto first_contact_limit = std::chrono::seconds(30);
constexpr unsigned shown_notices = 5;

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Loader::Loader(Settings settings, LoaderWords words)
    : settings_(std::move(settings)),
      words_(std::move(words)),
      connection_(settings_.target, settings_.application, [this](const std::string& notice) {
        if (++notices_ <= shown_notices) words_.info("the server says: " + notice);
      }) {}

void Loader::connect() {
  const auto began = clock::now();
  back_off_.reset();
  bool told = false;
  unsigned refusals = 0;
  for (;;) {
    std::string reason;
    try {
      connection_.open();
      server_start_ = connection_.query("SELECT pg_postmaster_start_time()").at(0).at(0).value_or("");
      stages_.clear();
      if (told || reached_) words_.warn("connected to " + connection_.name());
      reached_ = true;
      back_off_.reset();
      return;
    } catch (const db::ConnectionRefused& refusal) {
      // A server that had just come up may have refused only because it was not ready.
      if (!reached_ && ++refusals == 2) throw std::runtime_error(refusal.what());
      reason = refusal.what();
    } catch (const db::ConnectionLost& loss) {
      reason = loss.what();
    }
    const auto away = clock::now() - began;
    const bool known = reached_ || expected_;
    if (settings_.retry_for ? away >= *settings_.retry_for : !known && away >= first_contact_limit)
      throw std::runtime_error("cannot reach the server: " + reason);
    if (!told) words_.warn(reason + "; trying again");
    told = true;
    connection_.pause(std::chrono::ceil<milliseconds>(back_off_.next()));
  }
}

std::string Loader::quoted(const TableName& name) const {
  if (name.schema.empty()) return connection_.identifier(name.relation);
  return connection_.identifier(name.schema) + "." + connection_.identifier(name.relation);
}

Destination Loader::destination_of(const Part& part) const {
  const Table& table = *part.table;
  Destination destination;
  destination.table = quoted(table.name());
  destination.copied_relation = table.name().relation;
  for (const std::string& column : part.columns) destination.columns.push_back(connection_.identifier(column));
  for (const std::string& key : table.keys()) destination.keys.push_back(connection_.identifier(key));
  if (destination.keys.empty()) return destination;
  for (const Column& column : table.columns()) {
    if (holds(part.columns, column.name) && !holds(table.keys(), column.name) && !column.identity_always)
      destination.updated.push_back(connection_.identifier(column.name));
  }
  const Stage& stage = stages_.at({&table, part.version});
  destination.stage = "pg_temp." + connection_.identifier(stage.name);
  destination.order = connection_.identifier(stage.order);
  destination.copied_relation = stage.name;
  return destination;
}

/// A staging table for each part of the batch, made for the columns that its rows have. Those of layouts that a table
/// has grown out of are dropped.
void Loader::make_stages() {
  for (const Part& part : batch_.parts) {
    const Table& table = *part.table;
    if (table.keys().empty()) continue;
    const auto [found, added] = stages_.try_emplace({&table, part.version});
    if (!added) continue;
    Stage& stage = found->second;
    stage.name = fmt::format("weir_stage_{}", ++stages_made_);
    stage.order = "weir_order";
    while (std::any_of(table.columns().begin(), table.columns().end(),
                       [&](const Column& column) { return column.name == stage.order; }))
      stage.order += '_';
    std::vector<std::string> others;
    for (const Column& column : table.columns())
      if (!holds(part.columns, column.name)) others.push_back(connection_.identifier(column.name));
    try {
      connection_.query(stage_statements(destination_of(part), others));
    } catch (const db::ServerError&) {
      stages_.erase(found);
      throw;
    }
    for (auto old = stages_.lower_bound({&table, 0}); old != found;) {
      const unsigned version = old->first.second;
      const bool in_use = std::any_of(batch_.parts.begin(), batch_.parts.end(), [&](const Part& each) {
        return each.table == &table && each.version == version;
      });
      if (!in_use) connection_.query("DROP TABLE IF EXISTS pg_temp." + connection_.identifier(old->second.name));
      old = in_use ? std::next(old) : stages_.erase(old);
    }
  }
}

void Loader::begin(Batch&& batch) {
  settle();
  batch_ = std::move(batch);
  busy_ = true;
  drive(false);
}

void Loader::pump() {
  if (busy_) drive(false);
}

void Loader::settle() {
  if (busy_) drive(true);
}

/// Moves the batch on; whatever goes wrong is put right here.
void Loader::drive(bool wait) {
  try {
    if (!connection_.is_open()) {
      connect();
      under_way_ = false;
    }
    if (see_through(wait)) done();
  } catch (const db::ServerError& refusal) {
    make_sure(&refusal, {});
  } catch (const db::ConnectionLost& loss) {
    make_sure(nullptr, loss.what());
  }
}

/// Loads the batch in the quick way, from where it is. True when it is committed.
bool Loader::see_through(bool wait) {
  if (!under_way_) start();
  while (!feed()) {
    if (!wait) return false;
    connection_.flush();
  }
  if (!collect(wait)) return false;
  if (!batch_.epoch || commit_sent_) return true;
  expect_next_epoch(rows_told_);
  commit_sent_ = true;
  connection_.send("COMMIT");
  return collect(wait);
}

void Loader::start() {
  commit_sent_ = false;
  careful_ = false;
  transaction_.clear();
  refusal_.reset();
  refused_rows_.clear();
  part_ = 0;
  sent_ = 0;
  destinations_.clear();
  make_stages();
  rows_told_ = 0;
  const bool old_server = connection_.server_version() < 130000;
  std::string statements = old_server ? "BEGIN;SELECT txid_current();" : "BEGIN;SELECT pg_current_xact_id();";
  for (const Part& part : batch_.parts) {
    const Destination& destination = destinations_.emplace_back(destination_of(part));
    statements +=
        copy_statement(destination) +
        upsert_statement(destination, part.may_have_doubles() ? Doubles::possible : Doubles::none, std::nullopt);
  }
  connection_.send(statements + closing());
  under_way_ = true;
  if (!batch_.parts.empty()) await_copy();
}

/// The end of every load's transaction, quick or careful. With an epoch the COMMIT itself has to wait until the server
/// has said that this was the next one.
std::string Loader::closing() const {
  return batch_.epoch ? epoch_statement(connection_.literal(pipe_), connection_.literal(run_), *batch_.epoch)
                      : "COMMIT";
}

/// Reads results up to the one that asks for data.
void Loader::await_copy() {
  for (;;) {
    db::Result result = connection_.next_result();
    switch (result.kind) {
      case db::Result::Kind::copy_in:
        return;
      case db::Result::Kind::rows:
        transaction_ = result.rows.at(0).at(0).value_or("");
        transaction_server_ = server_start_;
        break;
      case db::Result::Kind::done:
        break;
      case db::Result::Kind::error:
        while (connection_.next_result().kind != db::Result::Kind::end) {
        }
        throw db::ServerError(std::move(result.error));
      case db::Result::Kind::end:
        throw std::runtime_error("the server did not begin the COPY that it was asked for");
    }
  }
}

/// Sends data as far as the connection takes it. True when all of it is on its way.
bool Loader::feed() {
  while (part_ < batch_.parts.size()) {
    const std::string& text = batch_.parts[part_].text;
    for (; sent_ < text.size(); sent_ += std::min(piece_size, text.size() - sent_))
      if (!connection_.try_put_copy(std::string_view(text).substr(sent_, piece_size))) return false;
    if (part_ + 1 == batch_.parts.size() && !batch_.epoch) commit_sent_ = true;
    connection_.end_copy();
    ++part_;
    sent_ = 0;
    if (part_ < batch_.parts.size()) await_copy();
  }
  return true;
}

/// Reads the results behind the last data. True when the transaction is committed.
bool Loader::collect(bool wait) {
  while (wait || connection_.has_result()) {
    db::Result result = connection_.next_result();
    if (result.kind == db::Result::Kind::error && !refusal_) refusal_ = std::move(result.error);
    if (result.kind == db::Result::Kind::rows) rows_told_ = result.rows.size();
    if (result.kind != db::Result::Kind::end) continue;
    if (refusal_) throw db::ServerError(*std::exchange(refusal_, std::nullopt));
    return true;
  }
  return false;
}

/// Something went wrong with the batch under way: sees it through, waiting.
void Loader::make_sure(const db::ServerError* refusal, const std::string& lost) {
  std::optional<db::ServerError> refused;
  if (refusal != nullptr) refused = *refusal;
  std::string loss = lost;
  bool careful = careful_;
  for (;;) {
    try {
      if (!loss.empty()) {
        ++reconnects_;
        words_.warn("the connection was lost: " + std::exchange(loss, {}));
      }
      if (refused) {
        const db::ServerError error = *std::exchange(refused, std::nullopt);
        judge(error, careful);
        commit_sent_ = false;
        careful = careful || is_about_a_row(error);
        if (connection_.is_open()) connection_.rollback();
        if (is_transient(error)) connection_.pause(std::chrono::ceil<milliseconds>(back_off_.next()));
      }
      if (!connection_.is_open()) {
        connect();
        if (commit_sent_ && (batch_.epoch ? epoch_was_committed() : was_committed())) return done();
      }
      under_way_ = false;
      if (careful) {
        load_carefully();
      } else {
        see_through(true);
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
void Loader::judge(const db::ServerError& refusal, bool careful) {
  if (is_transient(refusal)) {
    words_.warn(fmt::format("{}; trying again", full_words(refusal.words())));
    if (refusal.is("25006")) connection_.close();  // perhaps the server that was promoted answers now
    return;
  }
  if (!is_about_a_row(refusal) || careful) {
    connection_.close();
    busy_ = false;
    throw std::runtime_error("the server refuses to load: " + full_words(refusal.words()));
  }
}

/// What became of a transaction whose COMMIT was on its way when the connection broke.
bool Loader::was_committed() {
  const bool old_server = connection_.server_version() < 130000;
  for (;;) {
    db::Rows rows;
    try {
      rows = connection_.query(old_server ? fmt::format("SELECT txid_status({})", transaction_)
                                          : fmt::format("SELECT pg_xact_status('{}'::xid8)", transaction_));
    } catch (const db::ServerError& error) {
      // The number lies in the future: a crashed server never wrote that it had given it away.
      if (error.is("22023")) return false;
      throw;
    }
    const auto status = rows.at(0).at(0);
    if (!status)
      throw std::runtime_error(
          "the server no longer knows whether the last batch was committed; look before loading it again");
    if (*status == "aborted") return false;
    if (*status == "committed") {
      // After a crash the server may have given the same number to another transaction.
      return careful_ || transaction_server_ == server_start_ || !settings_.keys.empty() || has_row_of(transaction_);
    }
    connection_.pause(std::chrono::ceil<milliseconds>(back_off_.next()));  // the old session still runs
  }
}

/// The tables of the batch hold a row that the transaction made. Reads whole tables; wanted only after a crash of the
/// server.
bool Loader::has_row_of(const std::string& transaction) {
  for (const Part& part : batch_.parts) {
    const std::string statement =
        fmt::format("SELECT EXISTS (SELECT FROM {} WHERE xmin::text::bigint = ({}::bigint & 4294967295))",
                    quoted(part.table->name()), transaction);
    try {
      if (connection_.query(statement).at(0).at(0) == "t") return true;
    } catch (const db::ServerError&) {
      return true;  // a view has no xmin, or rows may not be read: the server's word on the transaction must do
    }
  }
  return false;
}

/// The batch is committed: forgets it and tells of its refused rows.
void Loader::done() {
  const std::vector<RefusedRow> refused = std::exchange(refused_rows_, {});
  const Batch batch = std::exchange(batch_, {});
  busy_ = false;
  under_way_ = false;
  refused_told_ = false;
  careful_ = false;
  commit_sent_ = false;
  transaction_.clear();
  back_off_.reset();
  loaded_ += batch.rows - refused.size();
  if (batch.epoch) return;  // told before the commit
  for (const RefusedRow& row : refused) {
    const Row& where = row.part->rows[row.row];
    refused_(where.line, batch.raw_of(where), row.reason);
  }
}

}  // namespace weir::pg_load
