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
#include "process/command_line.hpp"
#include "record/log.hpp"
#include "time/time_types.hpp"

namespace weir::dash_serve {

using process::split_command;

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

/// Answers the requests of the subscription forms. A subscription takes effect when the link in a mail is followed.
class Subscriptions {
 public:
  struct Settings {
    std::string file{};                    ///< empty: no subscriptions
    std::string secret{};                  ///< secret of the tokens; empty: no unsubscribe links
    std::vector<std::string> command{};    ///< mails `{link}` to `{email}`; empty: no form
    std::vector<std::string> confirmed{};  ///< runs once `{email}` has confirmed; empty: none
  };

  Subscriptions(Settings settings, Log& log);

  /// Whether there is a list, which links to unsubscribe may change.
  bool has_list() const { return !settings_.file.empty(); }
  /// Whether there is a form.
  bool offered() const { return has_list() && !settings_.command.empty(); }

  /// Handles POST /subscribe with `email`, `city` (repeated) and `timezone`: the command mails a link. The answer does
  /// not depend on the list. `page` is the URL of the page.
  web::Response subscribe(const web::Request& request, double now_s, const std::string& page);

  /// Handles links that confirm a subscription. GET shows a page with a button; POST changes the list. `latest` returns
  /// the lines for the second command's input.
  web::Response confirm(const web::Request& request, Time now, const std::function<std::string()>& latest);

  /// Handles unsubscribe links. GET shows a page with a button, so that a program which follows every link of a mail
  /// does no harm; POST unsubscribes.
  web::Response unsubscribe(const web::Request& request);

 private:
  Settings settings_;
  std::string confirm_secret_;
  Log& log_;
  web::RateLimiter by_caller_;
  web::RateLimiter by_address_;
  web::RateLimiter all_;
  CommandRunner runner_;
};

}  // namespace weir::dash_serve
