// The way of messages to their channels: a queue and a thread for each, pauses, notes of what has arrived.
#pragma once
#include <poll.h>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "channel.hpp"
#include "history.hpp"
#include "record/log.hpp"
#include "state/appended_file.hpp"
#include "time/back_off.hpp"
#include "worker.hpp"

namespace weir::alert_notify {

/// A bucket that fills at a rate; each message takes one token.
class TokenBucket {
 public:
  using clock = std::chrono::steady_clock;
  explicit TokenBucket(Pace pace) : pace_(pace), tokens_(pace.burst) {}
  /// When a token is there: now, or later.
  clock::time_point ready_at(clock::time_point now);
  void take() { tokens_ -= 1; }

 private:
  Pace pace_;
  double tokens_;
  std::optional<clock::time_point> filled_;
};

/// The messages that are on their way. A message leaves its queue when it has arrived, or was refused.
class Courier {
 public:
  using clock = std::chrono::steady_clock;

  struct Settings {
    std::vector<ChannelSettings> channels;
    std::optional<Duration> retry_for;  ///< after that a message is given up, whoever is tried meanwhile
    std::string history;                ///< path; empty: none
    std::string journal;                ///< path of the notes that a restart needs; empty: none
    std::optional<Time> now;
  };
  /// Takes a message that has come to nothing.
  using Refused = std::function<void(const Message& message, const std::string& reason)>;

  /// Throws ConfigError, std::system_error.
  Courier(Settings settings, Log& log, Refused refused);
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  void add(Message message);
  /// Messages that have not arrived.
  std::size_t left() const { return left_; }
  /// Their memory.
  std::uint64_t left_bytes() const { return left_bytes_; }
  struct Left {
    std::uint64_t messages = 0;
    Message first;
    std::string answer;  ///< what became of the first one
  };
  /// Gives up all that is left, with this reason.
  Left give_up_all(const std::string& reason);
  /// Moves on without waiting.
  void pump();
  /// Waits until something can move on, one of `also` is ready or the limit has passed.
  void wait(std::span<pollfd> also, std::chrono::milliseconds limit);

  /// The messages that are left; loading marks them as perhaps arrived.
  void state(StateArchive& archive);
  /// After loading: takes out what the journal has noted. Those refused are refused again.
  void apply_journal();
  /// The snapshot that has been saved knows nothing of what the journal has noted.
  void clear_journal();

  /// Deliveries, and attempts that failed.
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t failed_attempts() const { return failed_attempts_; }

 private:
  struct Entry {
    Message message;
    clock::time_point came{};
    clock::time_point not_before{};
    std::optional<clock::time_point> failing_since{};
    unsigned failures = 0;
    std::string answer{};  ///< of its last attempt
  };
  struct Lane {
    Lane(const ChannelSettings& settings, int wake, const Stop& stop);
    TokenBucket bucket;
    std::deque<Entry> queue;
    BackOff back_off;
    clock::time_point not_before{};
    unsigned failures = 0;  ///< in a row, of the service itself
    bool is_failing = false;
    std::optional<clock::time_point> away_since{};  ///< since then it has taken nothing, whatever message was tried
    unsigned failed_messages = 0;                   ///< since it took one
    std::string answer{};                           ///< of the last attempt that failed
    clock::time_point next_over{};                  ///< no message's time is over before
    std::size_t under_way = 0;                      ///< an index into the queue, while the worker is busy
    Worker worker;
  };
  void begin(Lane& lane, clock::time_point now);
  static std::optional<std::size_t> next_of(const Lane& lane, clock::time_point now, clock::time_point& soonest);
  void on_result(const std::string& name, Lane& lane, Sent sent);
  void on_failure(const std::string& name, Lane& lane, const Sent& sent);
  void put_off(Lane& lane, Entry& entry, const Sent& sent);
  std::optional<clock::time_point> over_at(const Lane& lane, const Entry& entry) const;
  void give_up_overdue(const std::string& name, Lane& lane, clock::time_point now);
  void give_up(const std::string& name, const Entry& entry, const std::string& answer);
  void refuse(const std::string& name, const Message& message, Sent sent);
  void remove(Lane& lane, std::size_t at);
  void note(const Message& message, std::string_view state, const Sent& sent);
  void write_journal(char mark, const Message& message, std::string_view reason);
  Time now() const { return settings_.now.value_or(wall_clock()); }

  Settings settings_;
  Log& log_;
  Refused refused_;
  Stop stop_;
  state::Descriptor wake_;
  std::optional<state::AppendedFile> history_;
  std::optional<state::AppendedFile> journal_;
  std::map<std::string, std::unique_ptr<Lane>> lanes_;
  std::size_t left_ = 0;
  std::uint64_t left_bytes_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t failed_attempts_ = 0;
  clock::time_point soonest_ = clock::time_point::max();
};

}  // namespace weir::alert_notify
