// The end of a transaction, in a thread of its own; internal to the room.
#pragma once
#include <librdkafka/rdkafka.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "net/kafka/handle.hpp"

namespace weir::kafka {

/// One call of rd_kafka_commit_transaction(), which takes as long as the brokers do. It cannot be made in short pieces:
/// where a piece ends before the library's own thread has taken its first step, the library forgets that it is to
/// commit, and aborts the process when the answer comes (seen in librdkafka 2.0, rd_kafka_txn_endtxn_complete).
class CommitCall {
 public:
  /// Nothing is in flight. `done` is called in the call's thread. The callbacks of the client may be, too.
  CommitCall(rd_kafka_t& client, std::function<void()> done);
  /// Leaves the commit to the library.
  ~CommitCall();
  CommitCall(const CommitCall&) = delete;
  CommitCall& operator=(const CommitCall&) = delete;

  /// What the call has returned, null for success; nothing while it lasts.
  std::optional<Error> take();

 private:
  void run();

  rd_kafka_t& client_;
  const std::function<void()> done_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool left_ = false;
  std::optional<Error> result_;
  std::thread thread_;
};

}  // namespace weir::kafka
