// Messages to Kafka, with and without transactions.
#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <functional>
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

/// A message to send. The views need to live as long as the call; see `lasting`.
struct Message {
  const std::string* topic = nullptr;
  std::optional<std::string_view> key;
  std::optional<std::string_view> payload;             ///< nothing: a tombstone
  std::optional<std::chrono::milliseconds> timestamp;  ///< since 1970; nothing: now
  std::span<const Header> headers;
  std::optional<int> partition;  ///< nothing: the partitioner decides by the key
  std::uint64_t number = 0;      ///< the caller's own, for ProducerHandler
  bool lasting = false;          ///< the payload stays where it is while the message is in flight, and is not copied
};

/// Called from within poll(), wait() and the calls of transactions, each message once.
class ProducerHandler {
 public:
  virtual ~ProducerHandler() = default;
  /// The brokers have the message, as safe as `acks` asks for.
  virtual void on_delivered(std::uint64_t number) { static_cast<void>(number); }
  /// The brokers refuse the message for good: it is too large, its topic does not exist or is not this client's. (A
  /// whole batch that is too large ends the run, which learn_limit() avoids: which message is to blame is not told.)
  virtual void on_refused(std::uint64_t number, std::string_view reason) = 0;
};

/// What becomes of messages that are sent again after a lost answer.
enum class Repeats : std::uint8_t {
  stored_once,  ///< and in order: the producer is idempotent, which needs acks=all
  stored        ///< a second time, if the first one had arrived
};

/// A producer.
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
    Repeats repeats = Repeats::stored_once;
    Properties properties;  ///< acks, compression and the like
  };

  /// Sets up without waiting for a broker. Throws Refused where a property is unknown or has a bad value.
  Producer(const Settings& settings, ProducerHandler& handler, Log& log);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// What the brokers know of a topic.
  struct Found {
    int partitions = 0;        ///< 0: it is not there, or they have not answered
    bool missing = false;      ///< it is not there yet
    std::string problem = {};  ///< why it cannot be sent to; empty: they have not answered
  };
  /// Asks for the leaders of a topic that will be sent to, half a second at most; otherwise the first message waits up
  /// to a second for them. Brokers that make topics by themselves make it.
  Found prepare(const std::string& topic);

  /// Asks how large a batch the topic takes, before the first message to it; no larger one is then sent to it. Returns
  /// nothing where the brokers do not know the topic yet, 0 where they do not tell. `meanwhile` is called several times
  /// a second, and may throw to end the wait.
  std::optional<std::uint64_t> learn_limit(const std::string& topic, const std::function<void()>& meanwhile);
  /// The size from which on the library itself takes no message.
  std::uint64_t most_message_bytes() const;

  enum class Sent : std::uint8_t {
    yes,
    full,  ///< poll() or wait() first
    ended  ///< an earlier message was refused, which ended the transaction: commit_transaction() aborts it
  };
  /// Queues a copy of the message; of a lasting payload, where it is. Throws std::invalid_argument, with the reason,
  /// where the message can never be sent.
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
  /// Commits what was sent since begin_transaction(). Once nothing is in flight it only looks how far the brokers are,
  /// and wait() ends when they are done; before, as after a refusal, it blocks for a moment.
  Outcome commit_transaction();

  /// Aborts the open transaction. What is not delivered of it is dropped.
  void abort_transaction();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::kafka
