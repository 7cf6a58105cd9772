// Subscriptions to the mails of summary-mail: subscribe, unsubscribe, greeting.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/http_server/feed.hpp"
#include "net/http_server/message.hpp"
#include "record/log.hpp"

namespace weir::dash_serve {

/// Splits a command into arguments, with a shell's rules for blanks, `'…'`, `"…"` and `\`; nothing else is special.
/// Throws std::invalid_argument on a quote that is not closed.
std::vector<std::string> split_command(std::string_view command);

/// Replaces each name in braces (`{email}`) by its value; `{{` and `}}` are single braces.
std::string fill_in(std::string_view text, const web::Fields& values);

/// Runs commands one after the other in a thread of its own, without a shell, with standard input from memory.
class CommandRunner {
 public:
  /// `log` gets a warning for each command that fails or cannot be run, from that thread.
  explicit CommandRunner(Log& log) : log_(log) {}
  ~CommandRunner();
  CommandRunner(const CommandRunner&) = delete;
  CommandRunner& operator=(const CommandRunner&) = delete;

  /// Queues a command. Returns false when too many are queued already.
  bool run(std::vector<std::string> arguments, std::string input);

  static constexpr std::size_t most_waiting = 100;

 private:
  struct Job {
    std::vector<std::string> arguments;
    std::string input;
  };
  void work();
  void run_one(const Job& job);
  bool is_past_end(std::chrono::steady_clock::time_point now);

  Log& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool stop_ = false;
  std::chrono::steady_clock::time_point end_{};
  std::thread thread_;
};

/// Answers the requests of the subscription forms.
class Subscriptions {
 public:
  struct Settings {
    std::string file{};                  ///< empty: no subscriptions
    std::string secret{};                ///< secret of the tokens; empty: no unsubscribe links
    std::vector<std::string> command{};  ///< command with `{email}`; empty: none
  };

  Subscriptions(Settings settings, Log& log);

  bool offered() const { return !settings_.file.empty(); }

  /// Handles POST /subscribe with `email`, `city` (repeated) and `timezone`. `latest` returns the lines for the
  /// command's input.
  web::Response subscribe(const web::Request& request, double now_s, const std::function<std::string()>& latest);

  /// Handles unsubscribe links. GET shows a page with a button, so that a program which follows every link of a mail
  /// does no harm; POST unsubscribes.
  web::Response unsubscribe(const web::Request& request);

 private:
  Settings settings_;
  Log& log_;
  web::RateLimiter by_caller_;
  web::RateLimiter by_address_;
  web::RateLimiter all_;
  CommandRunner runner_;
};

}  // namespace weir::dash_serve
