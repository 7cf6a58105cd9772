// When a request to the server is tried again.
#pragma once
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "net/http/client.hpp"
#include "record/log.hpp"
#include "time/back_off.hpp"

namespace weir::influx {

/// The pauses between attempts, with growing lengths or as the server asks for, and the end of all attempts.
class Attempts {
 public:
  using clock = std::chrono::steady_clock;

  /// `verb` completes "cannot … the server". Without `retry_for` attempts never end.
  Attempts(std::optional<Duration> retry_for, std::string_view verb, Log& log)
      : retry_for_(retry_for), verb_(verb), log_(log) {}

  /// An attempt has failed; the first one in a row is reported. Throws std::runtime_error when it was the last.
  void failed(const std::string& reason, const http::Response& response);
  void succeeded() {
    back_off_.reset();
    failing_since_.reset();
  }

  /// The next attempt may begin.
  bool may_begin() const { return clock::now() >= not_before_; }
  /// The time until then, or `limit` where that is shorter; negative is no limit.
  std::chrono::milliseconds pause(std::chrono::milliseconds limit) const;

 private:
  std::optional<Duration> retry_for_;
  std::string verb_;
  Log& log_;
  clock::time_point not_before_{};
  std::optional<clock::time_point> failing_since_;
  BackOff back_off_{std::chrono::milliseconds(200), std::chrono::seconds(30), std::random_device()()};
};

}  // namespace weir::influx
