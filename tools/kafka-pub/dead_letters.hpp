// Records that the brokers refuse, as messages to another topic.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "net/kafka/producer.hpp"
#include "record/log.hpp"

namespace weir::kafka_pub {

struct DeadLetter {
  std::string topic;
  std::string payload;
  std::string reason;
};

/// The topic of the dead letters.
class DeadLetters {
 public:
  /// `topic` is empty where there is none. `number` is that of the messages.
  DeadLetters(std::string topic, std::uint64_t number) : topic_(std::move(topic)), number_(number) {}

  bool wanted() const { return !topic_.empty(); }
  const std::string& topic() const { return topic_; }
  /// The most bytes of a message that the topic takes. A longer record is cut, and a header tells its length.
  void set_limit(std::uint64_t bytes) { most_bytes_ = bytes; }

  kafka::Producer::Sent send(kafka::Producer& producer, const DeadLetter& letter, Log& log);
  /// A record that cannot be a dead letter either is still among the rejects, and must not stop the run.
  void report_lost(std::string_view reason, Log& log);

 private:
  std::string topic_;
  std::uint64_t number_;
  std::uint64_t most_bytes_ = 0;  ///< 0: not known
  bool lost_ = false;             ///< one has been reported
};

}  // namespace weir::kafka_pub
