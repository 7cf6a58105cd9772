// The session with Redis: connected again whenever it is lost.
#pragma once
#include <optional>
#include <random>
#include <string>

#include "net/redis/connection.hpp"
#include "record/log.hpp"
#include "time/back_off.hpp"
#include "time/time_types.hpp"

namespace weir::redis_load {

/// One connection, made with growing pauses. Calls throw std::runtime_error when the server cannot be reached for too
/// long or refuses us for good, and what the stop request's check throws.
class Session {
 public:
  struct Settings {
    redis::Settings server;
    std::optional<Duration> retry_for;  ///< how long the server may be away; else 30 s before the first contact ever
  };

  Session(const Settings& settings, Log& log)
      : retry_for_(settings.retry_for), log_(log), connection_(settings.server) {}

  void set_stop(redis::StopRequest stop) { connection_.set_stop(std::move(stop)); }
  /// An earlier run has reached the server: it is away, not misspelt, and is waited for without limit.
  void expect_server() { reached_ = true; }

  void connect();
  redis::Connection& connection() { return connection_; }

  /// Sends a command that may be sent twice until it has its reply.
  redis::Reply call(std::initializer_list<std::string_view> arguments);

  /// Counts and reports a lost connection.
  void report_loss(const std::string& reason);
  /// Reports an error after which the same is tried again, once for each row of them.
  void report_retry(const std::string& reason);
  /// Waits for longer each time, until is_well().
  void pause();
  /// The server does what it is asked: pauses are short again.
  void is_well();

 private:
  std::optional<Duration> retry_for_;
  Log& log_;
  redis::Connection connection_;
  bool reached_ = false;
  bool connected_once_ = false;
  bool reported_ = false;
  BackOff back_off_{std::chrono::milliseconds(50), std::chrono::seconds(10), std::random_device()()};
};

}  // namespace weir::redis_load
