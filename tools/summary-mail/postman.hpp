// The round of the mails: one after the other, again later where that may help.
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

/// How often and when a mail is tried again: after `first_pause`, then twice as long each time, `longest_pause` at
/// most; the upper half of each pause is random, so that many that failed together do not come back together.
struct RetryRules {
  unsigned retries = 4;
  Duration first_pause = std::chrono::seconds(2);
  Duration longest_pause = std::chrono::minutes(2);
};

/// Delivers mails one by one. A recipient refused for good does not stop the others; one refused for now is tried again
/// after them; a server that is not there is waited for.
class Postman {
 public:
  using clock = std::chrono::steady_clock;

  /// What the postman needs of the world.
  struct World {
    /// Makes the i-th mail and sends it; nothing when there is nothing to send.
    std::function<std::optional<smtp::Delivery>(std::size_t)> send;
    /// The i-th mail was taken.
    std::function<void(std::size_t)> sent;
    /// The i-th mail will not be sent in this run; why.
    std::function<void(std::size_t, const std::string&)> failed;
    /// As `failed`, for good: the recipient does not want it. Where this is empty, `failed` is told.
    std::function<void(std::size_t, const std::string&)> refused = {};
    /// So many mails, more than one, will not be sent in this run; why.
    std::function<void(std::size_t, const std::string&)> all_failed;
    /// The i-th mail, or no mail at all for now (nothing given), is tried again after a pause; why.
    std::function<void(std::optional<std::size_t>, const std::string&, Duration)> pausing;
    std::function<clock::time_point()> now;
  };

  Postman(std::size_t mails, RetryRules rules, World world, std::uint64_t seed);

  /// Sends one mail, or none while it waits. Returns false when there is nothing left to do.
  bool step();

  /// When step() will have something to do.
  clock::time_point next() const { return next_; }

  /// Mails that are neither sent nor given up nor without content.
  std::size_t left() const { return jobs_.size(); }

  /// Ended early by Outcome::stopped.
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
