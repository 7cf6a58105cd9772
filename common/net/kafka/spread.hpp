// Which partition messages without a key go to; internal to the room.
#pragma once
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <thread>
#include <vector>

namespace weir::kafka {

/// How messages without a key are spread, where Spread does it and not the library.
struct Spreading {
  using Partitioner = decltype(&rd_kafka_msg_partitioner_random);
  /// As the library would do it with `conf`. Nothing where such messages all go to one partition, or each to any.
  static std::optional<Spreading> of(const rd_kafka_conf_t& conf, std::uint64_t most_bytes);

  Partitioner by_key;                 ///< of messages with a key
  bool empty_is_none;                 ///< an empty key counts as none
  std::chrono::milliseconds longest;  ///< that messages go to one partition
  std::uint64_t most_bytes;           ///< and how many of them: those of a batch
};

/// Messages without a key go to one partition for a while and then to another, as the library does it by itself. Here
/// the caller knows it, so that many messages can be handed over at once; and the next partition is the one with the
/// fewest bytes on their way, so that no batch waits behind another while a partition has nothing to do.
class Spread {
 public:
  using clock = std::chrono::steady_clock;
  explicit Spread(const Spreading& how) : how_(how) {}

  /// The partition to go on with. Nothing: the library has to ask for one first, by choose().
  std::optional<std::int32_t> current(clock::time_point now) {
    if (now >= until_) left_ = 0;
    if (left_ == 0) return std::nullopt;
    return current_;
  }

  /// Whether the next message had better wait: a batch or more is on its way, and no partition is without any.
  /// librdkafka sends one batch at a time to a partition of an idempotent producer, and asks without a pause while
  /// another waits.
  bool is_busy() const;

  /// The library's question, for a message that is produced without a partition; from any of its threads.
  std::int32_t choose(const rd_kafka_topic_t& topic, const void* key, std::size_t size, std::int32_t count,
                      void* message);

  /// A message of so many bytes, without a key, was handed over.
  void add(std::uint64_t bytes);
  /// It is reported.
  void remove(std::int32_t partition, std::uint64_t bytes);

 private:
  const Spreading how_;
  const std::thread::id owner_ = std::this_thread::get_id();
  std::minstd_rand random_{std::random_device{}()};
  std::vector<std::uint64_t> on_way_;  ///< bytes, by partition
  std::uint64_t messages_ = 0;         ///< on their way
  std::int32_t current_ = 0;
  std::uint64_t left_ = 0;  ///< bytes that may go there; 0: another one is due
  clock::time_point until_{};
};

}  // namespace weir::kafka
