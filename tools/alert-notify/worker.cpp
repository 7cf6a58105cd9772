#include "worker.hpp"

#include <unistd.h>

#include <cstdint>
#include <exception>
#include <utility>

#include "process/threads.hpp"

namespace weir::alert_notify {

Worker::Worker(std::unique_ptr<Channel> channel, int wake) : channel_(std::move(channel)), wake_(wake) {
  thread_ = process::start_thread([this] { run(); });
}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Worker::give(Message message) {
  busy_ = true;
  {
    const std::lock_guard lock(mutex_);
    message_ = std::move(message);
  }
  changed_.notify_all();
}

std::optional<Sent> Worker::take() {
  if (!busy_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (!result_) return std::nullopt;
  busy_ = false;
  return std::exchange(result_, std::nullopt);
}

void Worker::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ends_ || message_; });
    if (ends_) return;
    const Message message = std::move(*message_);
    message_.reset();
    lock.unlock();
    Sent sent;
    try {
      sent = channel_->send(message);
    } catch (const std::exception& problem) {
      sent = {Sent::Outcome::uncertain, problem.what(), {}, false};
    }
    lock.lock();
    result_ = std::move(sent);
    lock.unlock();
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
  }
}

}  // namespace weir::alert_notify
