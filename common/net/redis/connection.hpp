// A connection to a Redis server: commands in, replies out, in order.
#pragma once
#include <poll.h>

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "net/redis/reply.hpp"
#include "net/redis/transport.hpp"

namespace weir::redis {

/// How a wait for the server can end early. Once one of the descriptors is ready, `check` is called ten times a second;
/// it throws when waiting has no use any more.
struct StopRequest {
  std::vector<pollfd> descriptors;
  std::function<void()> check;
};

/// The server answered with an error where none is expected.
class ServerError : public std::runtime_error {
 public:
  explicit ServerError(const Reply& reply) : std::runtime_error(reply.text), code_(reply.code()) {}
  /// The first word: `NOAUTH`.
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

/// One session. Calls that wait throw ConnectionLost when it breaks, and what the stop request's check throws. Not
/// thread-safe.
class Connection {
 public:
  explicit Connection(Settings settings) : settings_(std::move(settings)) {}

  /// Without it calls wait for as long as the server takes.
  void set_stop(StopRequest stop) { stop_ = std::move(stop); }

  /// Connects and logs in, once, within 10 s. Throws ConnectionLost or ServerError.
  void open();
  void close();
  bool is_open() const { return transport_.is_open(); }

  /// Queues commands (append_command) to be written. Throws ConnectionLost when there is no connection.
  void send(std::string_view commands);
  /// Writes and reads what can be without waiting.
  void pump();
  /// The next reply that has come, or nothing.
  std::optional<Reply> next_reply();
  /// Waits for the next reply. Call only when one is due.
  Reply wait_reply();
  /// Sends one command and waits for its reply, when no other is due. Throws ServerError.
  Reply call(std::initializer_list<std::string_view> arguments);

  /// For poll(2).
  pollfd descriptor() const { return transport_.descriptor(sent_ < outgoing_.size()); }
  /// Waits for so long.
  void pause(std::chrono::milliseconds limit);

  /// `host:port`.
  std::string name() const;

 private:
  using clock = std::chrono::steady_clock;
  bool wait(pollfd& ready, clock::time_point until);
  void lose(const ConnectionLost& loss);

  Settings settings_;
  Transport transport_;
  ReplyReader reader_;
  StopRequest stop_;
  bool stopping_ = false;
  std::string outgoing_;
  std::size_t sent_ = 0;  ///< of outgoing_
  std::vector<char> incoming_ = std::vector<char>(256 * 1024);
  std::vector<pollfd> polled_;
};

}  // namespace weir::redis
