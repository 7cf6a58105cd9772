// Messages from Kafka, by partitions that the caller assigns itself.
#pragma once
#include <poll.h>

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/kafka/errors.hpp"
#include "net/kafka/settings.hpp"
#include "record/log.hpp"

namespace weir::kafka {

struct Partition {
  std::string topic;
  int number = 0;
  auto operator<=>(const Partition&) const = default;
};

/// The offset of the next message to read in each partition.
using Offsets = std::map<Partition, std::int64_t>;

/// A message as it was read; the views live as long as the call.
struct ReceivedMessage {
  std::string_view topic;
  int partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  ///< since 1970; -1: none
  std::optional<std::string_view> key;
  std::optional<std::string_view> payload;                             ///< nothing: a tombstone
  std::vector<std::pair<std::string_view, std::string_view>> headers;  ///< only where Settings::headers asks for them
};

/// What becomes of a message.
enum class Taken : std::uint8_t {
  yes,
  later  ///< the same message comes again with the next read(), and those after it
};

/// Called from within read().
class ConsumerHandler {
 public:
  virtual ~ConsumerHandler() = default;
  virtual Taken on_message(const ReceivedMessage& message) = 0;
  /// Everything before this offset has been read, and for now there is no more.
  virtual void on_end(std::string_view topic, int partition, std::int64_t offset) = 0;
  /// The brokers do not have the offset that was to be read next: nothing more comes of the partition until assign().
  virtual void on_out_of_range(std::string_view topic, int partition) = 0;
};

/// Which messages of transactions are read.
enum class Isolation : std::uint8_t { read_committed, read_uncommitted };

/// A consumer. The library's own threads fetch; all calls and callbacks here come from one thread. A call that asks the
/// brokers returns nothing, or false, where they did not answer within about half a second: call it again. Any call may
/// throw Refused or Unreachable.
class Consumer {
 public:
  struct Settings {
    kafka::Settings connection;
    std::string group;  ///< for commit(); empty: offsets are not committed
    Isolation isolation = Isolation::read_committed;
    bool headers = false;
  };

  Consumer(const Settings& settings, Log& log);
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  /// The partitions of every topic that `matches`. Throws Refused where this client may not read one.
  std::optional<std::vector<Partition>> partitions(const std::function<bool(const std::string&)>& matches);

  /// The first offset that is still there, and the one after the last message that this isolation can read.
  std::optional<std::pair<std::int64_t, std::int64_t>> limits(const Partition& partition);

  /// Where each partition has its first message at or after `time`; the end where there is none.
  std::optional<Offsets> offsets_at(const std::vector<Partition>& partitions, std::chrono::milliseconds time);

  /// What the group has committed; partitions without a commit are missing.
  std::optional<Offsets> committed(const std::vector<Partition>& partitions);

  /// Reads these partitions from now on, and no others.
  void assign(const Offsets& from);
  /// No further messages of the partition.
  void pause(const Partition& partition);

  /// Calls the handler for what has arrived, `most` messages at most, until it takes one later. Returns the number of
  /// those that it took.
  std::size_t read(std::size_t most, ConsumerHandler& handler);

  /// Blocks until read() has something to do, one of `also` is ready, or `limit` (negative: none) has passed.
  void wait(std::span<pollfd> also, std::chrono::milliseconds limit);

  /// Notes in the group that everything before these offsets is done. Does not wait.
  void commit(const Offsets& offsets);
  /// As commit(), and waits for the answer, about 5 seconds at most. Returns false without one.
  bool commit_now(const Offsets& offsets);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::kafka
