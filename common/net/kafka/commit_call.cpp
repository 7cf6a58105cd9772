#include "net/kafka/commit_call.hpp"

#include <signal.h>

#include <chrono>
#include <utility>

namespace weir::kafka {
namespace {

/// How long one call of the library lasts, and the pause before the next one.
constexpr int longest_ms = 1000;
constexpr std::chrono::milliseconds pause(10);

}  // namespace

CommitCall::CommitCall(rd_kafka_t& client, std::function<void()> done) : client_(client), done_(std::move(done)) {
  // Signals are for the caller's thread.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

CommitCall::~CommitCall() {
  {
    const std::lock_guard lock(mutex_);
    left_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void CommitCall::run() {
  for (;;) {
    Error error(rd_kafka_commit_transaction(&client_, longest_ms));
    const bool again =
        error && rd_kafka_error_txn_requires_abort(error.get()) == 0 && rd_kafka_error_is_retriable(error.get()) != 0;
    std::unique_lock lock(mutex_);
    if (again && !changed_.wait_for(lock, pause, [this] { return left_; })) continue;
    result_ = std::move(error);
    break;
  }
  done_();
}

std::optional<Error> CommitCall::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(result_, std::nullopt);
}

}  // namespace weir::kafka
