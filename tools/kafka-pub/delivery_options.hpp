// The options that tell how messages are sent: acknowledgements, batches, and topics that are made.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>

#include "cli/app.hpp"
#include "kafka_pub.hpp"
#include "message_maker.hpp"

namespace weir::kafka_pub {

/// The options of group "Delivery". Some are bound to the stage's own settings.
struct DeliveryOptions {
  std::string partitioner = "murmur2_random";
  std::string compression = "none";
  Duration linger = std::chrono::milliseconds(5);
  std::uint64_t in_flight = 5;
  std::string create_topic;

  void define(cli::App& app, KafkaPub::Settings& stage) {
    app.group("Delivery");
    app.choice("--acks", stage.producer.repeats, {{"all", kafka::Repeats::stored_once}, {"1", kafka::Repeats::stored}},
               "Replicas that must have a message; with 1 it may be lost with its leader, or stored twice")
        .may_change();
    app.choice("--partitioner", partitioner,
               {{"murmur2_random", "murmur2_random"},
                {"murmur2", "murmur2"},
                {"consistent_random", "consistent_random"},
                {"consistent", "consistent"},
                {"fnv1a_random", "fnv1a_random"},
                {"fnv1a", "fnv1a"},
                {"random", "random"}},
               "How a key chooses its partition; murmur2_random agrees with Java's clients")
        .metavar("NAME");
    app.choice("--compression", compression,
               {{"none", "none"}, {"gzip", "gzip"}, {"lz4", "lz4"}, {"snappy", "snappy"}, {"zstd", "zstd"}},
               "How batches are compressed")
        .may_change();
    app.option("--linger", linger, "Wait so long for a batch to fill").may_change();
    app.size("--batch-size", stage.producer.batch_size,
             "Most bytes in a batch; less where the topic takes less (max.message.bytes)")
        .at_least(1)
        .at_most(2147483647)
        .may_change();
    app.option("--max-in-flight", in_flight, "Batches on their way to a broker without an answer, 5 at most")
        .at_least(1)
        .may_change();
    app.option("--create-topic", create_topic,
               "Make each topic that is missing, with these: partitions=3,replication=2,NAME=VALUE of its settings")
        .metavar("LIST")
        .may_change();
    app.size_limit(
        "--max-held", stage.most_held,
        "With --state: an epoch ends when its messages, which are held until their commit, take so much memory");
    app.flag("--watermarks", stage.watermarks,
             "With --state: also write the watermarks that come, to every partition; for kafka-sub --producers");
    app.option("--epochs-topic", stage.epochs_topic, "With --state: the compacted topic that keeps the last epoch")
        .metavar("TOPIC");
  }

  /// Checks the options together, and puts the topic of --create-topic into the settings; throws cli::UsageError.
  void validate(KafkaPub::Settings& stage, bool with_state) const {
    if (in_flight > 5)
      throw cli::UsageError("--max-in-flight: 5 at most, or Kafka cannot keep the order when a batch is sent again");
    if (linger > std::chrono::minutes(15)) throw cli::UsageError("--linger: 15 minutes at most");
    if (!create_topic.empty()) stage.new_topic = new_topic_of(create_topic);
    if (stage.producer.repeats != kafka::Repeats::stored_once && with_state)
      throw cli::UsageError("--state commits transactions, which need --acks all");
    if (stage.watermarks && !with_state)
      throw cli::UsageError("--watermarks goes with --state: watermarks are part of its transactions");
    const auto check_topic = [](const char* option, const std::string& name) {
      if (!is_topic(name))
        throw cli::UsageError(
            fmt::format("{}: '{}' cannot be a topic: Kafka takes letters, digits, '.', '_' and '-'", option, name));
    };
    if (!stage.dead_letter.empty()) check_topic("--dead-letter", stage.dead_letter);
    check_topic("--epochs-topic", stage.epochs_topic);
  }

  /// What librdkafka is told.
  kafka::Properties properties(const KafkaPub::Settings& stage) const {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(linger).count();
    return {{"acks", stage.producer.repeats == kafka::Repeats::stored_once ? "all" : "1"},
            {"partitioner", partitioner},
            {"compression.codec", compression},
            {"linger.ms", std::to_string(milliseconds)},
            {"max.in.flight.requests.per.connection", std::to_string(in_flight)}};
  }

 private:
  /// The topic of --create-topic.
  static kafka::NewTopic new_topic_of(const std::string& text) {
    kafka::NewTopic made;
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      const std::string part = text.substr(begin, end - begin);
      const auto equals = part.find('=');
      if (equals == std::string::npos || equals == 0)
        throw cli::UsageError("--create-topic '" + part + "': it takes partitions=N, replication=N and NAME=VALUE");
      const std::string name = part.substr(0, equals);
      const std::string value = part.substr(equals + 1);
      if (name == "partitions" || name == "replication") {
        int number = 0;
        const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
        if (read.ec != std::errc() || read.ptr != value.data() + value.size() || number < 1)
          throw cli::UsageError("--create-topic: " + name + " is a number from 1, not '" + value + "'");
        (name == "partitions" ? made.partitions : made.replicas) = number;
      } else {
        made.configuration.emplace_back(name, value);
      }
      begin = end + 1;
    }
    return made;
  }
};

}  // namespace weir::kafka_pub
