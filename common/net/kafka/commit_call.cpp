#include "net/kafka/commit_call.hpp"

#include <chrono>
#include <utility>

#include "process/threads.hpp"

namespace weir::kafka {
namespace {

/// How long one call of the library lasts, and the pause before the next one.
constexpr int longest_ms = 1000;
constexpr std::chrono::milliseconds pause(10);

}  // namespace

CommitCall::CommitCall(rd_kafka_t& client, std::function<void()> done) : client_(client), done_(std::move(done)) {
  thread_ = process::start_thread([this] { run(); });
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
