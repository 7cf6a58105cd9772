// The thread of a channel.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "channel.hpp"

namespace weir::alert_notify {

/// Sends one message at a time in a thread of its own, so that a service that is slow keeps no other channel waiting.
class Worker {
 public:
  /// `wake` gets a write when a message is done; it and `channel` outlive the thread.
  Worker(std::unique_ptr<Channel> channel, int wake);
  /// The channel's Stop must have been asked.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Begins a message. Only while it is not busy().
  void give(Message message);
  /// A message was given, and its result was not taken.
  bool busy() const { return busy_; }
  /// The result, once there is one.
  std::optional<Sent> take();

 private:
  void run();
  std::unique_ptr<Channel> channel_;
  int wake_;
  bool busy_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Message> message_;
  std::optional<Sent> result_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace weir::alert_notify
