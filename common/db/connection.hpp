// A connection to PostgreSQL: the only door to libpq.
#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "db/target.hpp"

namespace weir::db {

/// The server refused a statement.
class ServerError : public std::runtime_error {
 public:
  struct Report {
    std::string sqlstate;  ///< five characters
    std::string message;   ///< one line
    std::string detail;    ///< further facts, such as the key that exists already
    std::string hint;
    std::string context;  ///< where it happened: `COPY t, line 17, column x: "abc"`
    std::string column;   ///< the column, where the server names one
  };
  explicit ServerError(Report report) : std::runtime_error(report.message), report_(std::move(report)) {}

  const Report& report() const { return report_; }
  /// The SQLSTATE begins with this; two characters are a class.
  bool is(std::string_view prefix) const { return report_.sqlstate.starts_with(prefix); }

 private:
  Report report_;
};

/// The connection is gone, or there was none: connecting again may help.
class ConnectionLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The server answered and does not let us in (password, database, rights): connecting again will hardly help.
class ConnectionRefused : public ConnectionLost {
 public:
  using ConnectionLost::ConnectionLost;
};

/// How a wait for the server can end early. Once one of the descriptors is ready, `check` is called ten times a second;
/// it throws when waiting has no use any more.
struct StopRequest {
  std::vector<pollfd> descriptors;
  std::function<void()> check;
};

/// Rows of values as text; NULL is nothing.
using Rows = std::vector<std::vector<std::optional<std::string>>>;

/// One result of a statement.
struct Result {
  enum class Kind : std::uint8_t {
    end,      ///< all statements of what was sent have answered
    done,     ///< a statement without rows
    rows,     ///< a statement with rows
    copy_in,  ///< the server waits for COPY's data: put_copy()
    error     ///< refused, for the reason in `error`
  };
  Kind kind = Kind::end;
  Rows rows;
  std::int64_t affected = 0;  ///< rows that a statement changed
  ServerError::Report error;
};

/// One session with the server. Calls that wait throw ConnectionLost when the connection breaks, and what the stop
/// request's check throws. Not thread-safe.
class Connection {
 public:
  using Notice = std::function<void(const std::string&)>;

  Connection(const Target& target, const std::string& application, Notice notice);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Without it calls wait for as long as the server takes.
  void set_stop(StopRequest stop);

  /// Connects, once; an attempt lasts 10 s at most (or connect_timeout). Throws ConnectionLost or ConnectionRefused.
  void open();
  void close();
  bool is_open() const;

  /// Runs statements and returns the rows of the last one that has any. Throws ServerError at the first that is
  /// refused.
  Rows query(const std::string& statements);
  /// As query(), of one statement with parameters $1, $2 … as text.
  Rows query(const std::string& statement, const std::vector<std::string>& parameters);

  /// Sends statements without waiting for their results. Collect every one by next_result(), to the `end`, before the
  /// next send().
  void send(const std::string& statements);
  /// The next result; waits for it.
  Result next_result();
  /// True when next_result() would not wait. Sends and receives what can be without waiting.
  bool has_result();

  /// Gives COPY data to the connection. Returns false, taking none, when it would have to wait.
  bool try_put_copy(std::string_view data);
  /// As try_put_copy(), waiting as long as it takes.
  void put_copy(std::string_view data);
  /// Waits until all data that was given has left.
  void flush();
  /// Tells the server that COPY's data is complete.
  void end_copy();
  /// Ends the transaction that is open, if one is.
  void rollback();

  /// For poll(2): readable and, while data waits to leave, writable.
  pollfd descriptor() const;

  /// Waits for so long.
  void pause(std::chrono::milliseconds limit);

  /// `name` quoted for a statement. Throws ServerError when it is not valid in the connection's encoding.
  std::string identifier(std::string_view name) const;
  /// Text as a quoted literal.
  std::string literal(std::string_view text) const;

  /// 150018 for 15.18.
  int server_version() const;
  /// Who and where, without secrets: `weir@127.0.0.1:5432/postgres`.
  std::string name() const;

 private:
  Rows collect();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::db
