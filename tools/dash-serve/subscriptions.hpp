// Subscriptions to the mails of summary-mail: joining, leaving, and the greeting.
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

/// Splits a command into words as a shell does, without being one: blanks part, `'…'` and `"…"` keep together, `\`
/// takes the next character as it is (not within `'…'`). Nothing else is special. Throws std::invalid_argument on a
/// quote that is not closed.
std::vector<std::string> split_words(std::string_view command);

/// Puts each value where its name stands in braces (`{email}`); `{{` and `}}` are single braces.
std::string fill_in(std::string_view word, const web::Fields& values);

/// Runs commands one after the other on a thread of its own; no shell, standard input from memory.
class CommandRunner {
 public:
  /// `log` gets a warning for each command that cannot be run or fails, from the thread of the commands.
  explicit CommandRunner(Log& log) : log_(log) {}
  ~CommandRunner();
  CommandRunner(const CommandRunner&) = delete;
  CommandRunner& operator=(const CommandRunner&) = delete;

  /// False when too many commands wait already.
  bool run(std::vector<std::string> words, std::string input);

  static constexpr std::size_t most_waiting = 100;

 private:
  struct Job {
    std::vector<std::string> words;
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

/// Answers the forms of subscribers.
class Subscriptions {
 public:
  struct Settings {
    std::string file{};                  ///< empty: nobody can subscribe
    std::string secret{};                ///< of the tokens; empty: links cannot be made or used
    std::vector<std::string> command{};  ///< with `{email}`; empty: none
  };

  Subscriptions(Settings settings, Log& log);

  bool offered() const { return !settings_.file.empty(); }

  /// POST /subscribe with `email`, `city` (again for each) and `timezone`. `latest` gives the lines for the command.
  web::Response subscribe(const web::Request& request, double now_s, const std::function<std::string()>& latest);

  /// GET shows a page with a button, so that a program that follows every link of a mail does no harm; POST leaves.
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
