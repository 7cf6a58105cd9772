// Topics: making them, and what is set for them.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "net/kafka/errors.hpp"
#include "net/kafka/settings.hpp"
#include "record/log.hpp"

namespace weir::kafka {

/// A topic to make.
struct NewTopic {
  std::string name;
  int partitions = 1;
  int replicas = -1;  ///< -1: the cluster's default
  Properties configuration;
};

/// The brokers do not make this topic.
class TopicRefused : public Refused {
 public:
  using Refused::Refused;
};

/// Asks the brokers to change or show topics, and waits for the answer however long they are away. Any call may throw
/// Refused or Unreachable.
class Admin {
 public:
  /// `meanwhile` is called several times a second while this waits, and may throw to end the wait.
  Admin(Settings settings, Log& log, std::function<void()> meanwhile);

  enum class Made : std::uint8_t { yes, was_there };
  /// Throws TopicRefused, too.
  Made make_topic(const NewTopic& wanted);

  /// The value of a topic's setting, such as cleanup.policy.
  std::string setting_of_topic(const std::string& topic, const std::string& name);

 private:
  Settings settings_;
  Log& log_;
  std::function<void()> meanwhile_;
};

}  // namespace weir::kafka
