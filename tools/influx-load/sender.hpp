// The way of points to the server: one request at a time, again where it failed, in halves where points were refused.
#pragma once
#include <poll.h>

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/http/client.hpp"
#include "net/influx/access.hpp"
#include "net/influx/attempts.hpp"
#include "record/log.hpp"
#include "state/outbox.hpp"

namespace weir::influx_load {

/// Sends the points of an outbox in order. Sending one again changes nothing: the same point replaces itself.
class Sender {
 public:
  struct Settings {
    std::string url;  ///< of the write, with its query
    influx::Access access;
    std::chrono::milliseconds timeout{15'000};
    std::optional<Duration> retry_for;  ///< how long one request may fail
    std::uint64_t batch = 5'000;        ///< most points in a request
    std::uint64_t batch_bytes = 4 << 20;
    bool gzip = true;
  };
  /// Takes a point that the server refused, by its number in the outbox, with the server's text.
  using Refused = std::function<void(std::size_t number, const std::string& reason)>;

  Sender(Settings settings, Log& log, Refused refused);

  /// Begins an outbox, which stays as it is until busy() is false.
  void begin(const state::Outbox& points);
  bool busy() const { return points_ != nullptr; }
  /// Moves on without waiting. Throws std::runtime_error for an answer that only a person can help with, and when the
  /// server cannot be reached for too long.
  void pump();
  /// Waits until something can move on, one of `also` is ready or the limit has passed.
  void wait(std::span<pollfd> also, std::chrono::milliseconds limit);

 private:
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  void send();
  void on_response(const http::Response& response);
  void split(const std::string& reason);

  Settings settings_;
  Refused refused_;
  http::Client client_;
  const state::Outbox* points_ = nullptr;
  std::vector<Range> left_;  ///< the next one last
  bool under_way_ = false;
  influx::Attempts attempts_;
  std::vector<http::Client::Finished> done_;
};

}  // namespace weir::influx_load
