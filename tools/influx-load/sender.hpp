// The way of points to the server: one request at a time, again where it failed, in halves where points were refused.
#pragma once
#include <poll.h>

#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "net/http/client.hpp"
#include "record/log.hpp"
#include "state/outbox.hpp"
#include "time/back_off.hpp"

namespace weir::influx_load {

/// Sends the points of an outbox in order. Sending one again changes nothing: the same point replaces itself.
class Sender {
 public:
  struct Settings {
    std::string url;                   ///< of the write, with its query
    std::vector<std::string> headers;  ///< the token
    std::optional<http::Login> login;
    http::ClientOptions client;
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
  using clock = std::chrono::steady_clock;
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  void send();
  void on_response(const http::Response& response);
  void try_again(const std::string& reason, std::optional<Duration> pause);
  void split(const std::string& reason);

  Settings settings_;
  Log& log_;
  Refused refused_;
  http::Client client_;
  const state::Outbox* points_ = nullptr;
  std::vector<Range> left_;  ///< the next one last
  bool under_way_ = false;
  clock::time_point not_before_{};
  std::optional<clock::time_point> failing_since_;
  BackOff back_off_{std::chrono::milliseconds(200), std::chrono::seconds(30), std::random_device()()};
  std::vector<http::Client::Finished> done_;
};

}  // namespace weir::influx_load
