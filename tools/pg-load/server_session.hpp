// The session with PostgreSQL: connected again whenever it is lost.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include "db/connection.hpp"
#include "record/log.hpp"
#include "refusal.hpp"
#include "table_name.hpp"
#include "time/back_off.hpp"
#include "time/time_types.hpp"

namespace weir::pg_load {

/// One connection, made with growing pauses. Every call that needs the server throws std::runtime_error when it cannot
/// be reached for too long or refuses us for good, and what the stop request's check throws.
class ServerSession {
 public:
  struct Settings {
    db::Target target;
    std::optional<Duration> retry_for;  ///< how long the server may be away; else 30 s before the first contact ever
  };

  ServerSession(const Settings& settings, Log& log);

  void set_stop(db::StopRequest stop) { connection_.set_stop(std::move(stop)); }
  /// An earlier run has reached the server: it is away, not misspelt, and is waited for without limit.
  void expect_server() { expected_ = true; }

  void connect();
  /// The connection as it is now, perhaps lost.
  db::Connection& connection() { return connection_; }
  const db::Connection& connection() const { return connection_; }
  /// Changes with every connection: temporary tables are gone then.
  unsigned number() const { return number_; }
  /// When the server was started.
  const std::string& server_start() const { return server_start_; }
  /// Before PostgreSQL 13 functions have other names.
  bool is_before_13() const { return connection_.server_version() < 130000; }

  /// Does work that may be done twice, until it is done: `work(connection)`.
  template <typename Work>
  auto run(Work work);

  /// Counts and reports a lost connection.
  void report_loss(const std::string& reason);
  /// Reports a refusal after which the same is tried again.
  void report_retry(const db::ServerError& refusal);
  /// Waits for longer each time, until reset_pause().
  void pause();
  void reset_pause() { back_off_.reset(); }

  std::string quoted(const TableName& name) const;
  std::uint64_t reconnects() const { return reconnects_; }

 private:
  void roll_back();

  std::optional<Duration> retry_for_;
  Log& log_;
  db::Connection connection_;
  bool reached_ = false;
  bool expected_ = false;
  unsigned number_ = 0;
  unsigned notices_ = 0;
  std::uint64_t reconnects_ = 0;
  std::string server_start_;
  BackOff back_off_{std::chrono::milliseconds(50), std::chrono::seconds(10), std::random_device()()};
};

template <typename Work>
auto ServerSession::run(Work work) {
  for (;;) {
    try {
      if (!connection_.is_open()) connect();
      return work(connection_);
    } catch (const db::ConnectionLost& loss) {
      report_loss(loss.what());
    } catch (const db::ServerError& refusal) {
      roll_back();
      if (!is_transient(refusal)) throw std::runtime_error(full_text(refusal.report()));
      report_retry(refusal);
      pause();
    }
  }
}

}  // namespace weir::pg_load
