// Delivery of the mails, one after the other, with retries.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "net/smtp/client.hpp"
#include "sent_log.hpp"
#include "time/back_off.hpp"

namespace weir::summary_mail {

/// The retries of a mail: after `first_pause`, then twice as long each time, at most `longest_pause`. The upper half of
/// each pause is random, so that clients that failed together do not retry together.
struct RetryRules {
  unsigned retries = 4;
  Duration first_pause = std::chrono::seconds(2);
  Duration longest_pause = std::chrono::minutes(2);
};

/// Delivers mails one by one. A recipient that is refused for good does not stop the others. One that is refused for
/// now is retried after them. An unreachable server is waited for.
class Postman {
 public:
  using clock = std::chrono::steady_clock;

  /// The postman's callbacks.
  struct World {
    /// Makes and sends the i-th mail; nothing when there is no content.
    std::function<std::optional<smtp::Delivery>(std::size_t)> send;
    /// The server has accepted the i-th mail.
    std::function<void(std::size_t)> sent;
    /// The i-th mail will not be sent in this run, with the reason.
    std::function<void(std::size_t, const std::string&)> failed;
    /// As `failed`, for good: the server rejects the recipient. If empty, `failed` is called.
    std::function<void(std::size_t, const std::string&)> refused = {};
    /// Several mails will not be sent in this run, with the reason.
    std::function<void(std::size_t, const std::string&)> all_failed;
    /// The i-th mail, or every mail (no index), will be retried after a pause, with the reason.
    std::function<void(std::optional<std::size_t>, const std::string&, Duration)> pausing;
    std::function<clock::time_point()> now;
  };

  Postman(std::size_t mails, RetryRules rules, World world, std::uint64_t seed);

  /// Sends one mail, or none during a pause. Returns false when all work is done.
  bool step();

  /// The time at which step() will have work to do.
  clock::time_point next() const { return next_; }

  /// The number of mails that have content and are neither sent nor given up.
  std::size_t left() const { return jobs_.size(); }

  /// Whether Outcome::stopped ended the delivery early.
  bool stopped() const { return stopped_; }

 private:
  struct Job {
    std::size_t mail;
    unsigned tries = 0;
    clock::time_point not_before{};
  };
  void give_up_all(const std::string& why);

  RetryRules rules_;
  World world_;
  BackOff back_off_;
  std::deque<Job> jobs_;
  clock::time_point next_{};
  unsigned failures_in_a_row_ = 0;  ///< of the connection
  bool stopped_ = false;
};

}  // namespace weir::summary_mail
