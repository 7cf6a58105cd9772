// Messages to Kafka, with and without transactions.
#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/kafka/errors.hpp"
#include "net/kafka/settings.hpp"
#include "record/log.hpp"

namespace weir::kafka {

struct Header {
  std::string name;
  std::string_view value;
};

/// A message to send. The views need to live as long as the call.
struct Message {
  const std::string* topic = nullptr;
  std::optional<std::string_view> key;
  std::optional<std::string_view> payload;             ///< nothing: a tombstone
  std::optional<std::chrono::milliseconds> timestamp;  ///< since 1970; nothing: now
  std::span<const Header> headers;
  std::optional<int> partition;  ///< nothing: the partitioner decides by the key
  std::uint64_t number = 0;      ///< the caller's own, for ProducerHandler
};

/// Called from within poll(), wait() and the calls of transactions, each message once.
class ProducerHandler {
 public:
  virtual ~ProducerHandler() = default;
  /// The brokers have the message, as safe as `acks` asks for.
  virtual void on_delivered(std::uint64_t number) { static_cast<void>(number); }
  /// The brokers refuse the message for good: it is too large, its topic does not exist or is not this client's. (A
  /// whole batch that is too large ends the run: which message is to blame is not told.)
  virtual void on_refused(std::uint64_t number, std::string_view reason) = 0;
};

/// A producer. It is idempotent: a message that is sent again after a lost answer is stored once, in order.
///
/// The library's own threads talk to the brokers; all calls and callbacks here come from one thread. Any call may throw
/// Refused, Unreachable or Fenced.
class Producer {
 public:
  struct Settings {
    kafka::Settings connection;
    std::string transactional_id;  ///< empty: no transactions
    std::chrono::milliseconds transaction_timeout{30'000};
    std::uint64_t batch_size = 900 << 10;  ///< the most bytes of a batch, below the usual limit of a topic
    Properties properties;                 ///< acks, compression and the like
  };

  /// Sets up without waiting for a broker. Throws Refused where a property is unknown or has a bad value.
  Producer(const Settings& settings, ProducerHandler& handler, Log& log);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Asks for the leaders of a topic that will be sent to, half a second at most; otherwise the first message waits up
  /// to a second for them. Returns the number of its partitions, 0 where it is not known yet.
  int prepare(const std::string& topic);

  enum class Sent : std::uint8_t {
    yes,
    full,  ///< poll() or wait() first
    ended  ///< an earlier message was refused, which ended the transaction: commit_transaction() aborts it
  };
  /// Queues a copy of the message. Throws std::invalid_argument, with the reason, where the message can never be sent.
  Sent send(const Message& message);

  /// Makes the calls of the handler that are due.
  void poll();

  /// Blocks until poll() has something to do, one of `also` is ready, or `limit` (negative: none) has passed.
  void wait(std::span<pollfd> also, std::chrono::milliseconds limit);

  /// Messages that are neither delivered nor refused.
  std::uint64_t in_flight() const;

  /// Takes over the transactional id: earlier producers are fenced, and their open transaction is ended. Returns false
  /// when the brokers need more time than `limit`: call it again.
  bool take_over(std::chrono::milliseconds limit);

  void begin_transaction();
  /// The time after which the brokers abort a transaction that is open.
  std::chrono::milliseconds transaction_timeout() const;

  enum class Outcome : std::uint8_t {
    done,
    again,   ///< call it again
    aborted  ///< by a message that was refused: begin again without it
  };
  /// Commits what was sent since begin_transaction(). Blocks no longer than about `limit`.
  Outcome commit_transaction(std::chrono::milliseconds limit);

  /// Aborts the open transaction. What is not delivered of it is dropped.
  void abort_transaction();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::kafka
