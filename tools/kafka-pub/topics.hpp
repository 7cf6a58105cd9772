// The topics that are sent to: made, looked for, and how large a batch each takes.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "net/kafka/admin.hpp"
#include "net/kafka/producer.hpp"
#include "pipeline/sink_stage.hpp"

namespace weir::kafka_pub {

/// What is known of the topics of a run. Each call may wait for the brokers.
class Topics {
 public:
  /// `wanted` tells how a topic that is missing is made; its name is not set.
  Topics(kafka::Settings connection, std::optional<kafka::NewTopic> wanted, SinkHost& host);

  bool makes() const { return wanted_.has_value(); }
  /// Makes the topic where it is missing, the first time that it is named. Returns why it cannot be made, or nothing.
  const std::string& make(const std::string& name);
  /// Makes the topic of dead letters: of the settings only partitions and replication, for a letter may be large.
  /// Throws kafka::Refused.
  void make_for_letters(const std::string& name);

  /// Learns how large a batch the topic takes; 0: that is not known.
  std::uint64_t limit_of(kafka::Producer& producer, const std::string& name);

  /// Notes a topic that is sent to. It is new until take_new().
  void note(const std::string& name);
  bool has_new() const { return !new_.empty(); }
  /// Looks for the new topics before a transaction. Returns false while one is missing that some broker may know: call
  /// it again. That lasts no longer than it takes until every broker has learned of a new topic.
  bool look(kafka::Producer& producer);
  std::vector<std::string> take_new() { return std::exchange(new_, {}); }
  /// Looks once more for a topic that was missing.
  void look_again(kafka::Producer& producer, const std::string& name);
  /// Why a topic that was looked for cannot be sent to; null where it can.
  const std::string* problem_of(const std::string& name) const;
  bool any_missing() const { return !missing_.empty(); }

 private:
  using clock = std::chrono::steady_clock;
  bool is_settled(kafka::Producer& producer, const std::string& name);

  kafka::Settings connection_;
  std::optional<kafka::NewTopic> wanted_;
  SinkHost& host_;
  std::unordered_map<std::string, std::string> made_;  ///< each that was made or was there; or why it cannot be made
  std::unordered_set<std::string> known_;              ///< those that were noted
  std::string last_;                                   ///< the last one of them
  std::vector<std::string> new_, unsettled_;
  std::unordered_map<std::string, clock::time_point> looked_since_;
  clock::time_point next_look_{};
  std::unordered_map<std::string, std::string> missing_;  ///< with the reason
};

}  // namespace weir::kafka_pub
