// The last epoch that a pipeline has committed to Kafka.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "net/kafka/settings.hpp"
#include "record/log.hpp"

namespace weir::kafka {

/// The topic of the markers where a pipeline names no other.
inline constexpr std::string_view default_epochs_topic = "weir-epochs";

/// Markers are messages in partition 0 of a compacted topic. Key: the pipeline's name. Value: {"epoch":E,"run":"…"}. A
/// marker is sent in the transaction of its epoch's records, so that both are there or neither is.
class EpochMarkers {
 public:
  /// `meanwhile` is called several times a second while this waits, and may throw to end the wait.
  EpochMarkers(Settings settings, std::string topic, Log& log, std::function<void()> meanwhile);

  /// Makes the topic where it is missing: compacted, with as many replicas as the cluster's default. Throws Refused
  /// where there is one that is not compacted.
  void make_topic();

  static constexpr int partition = 0;

  /// The epoch of the pipeline's last committed marker, 0 for none. Waits for open transactions of other pipelines that
  /// may hide it. Call it once earlier producers of this pipeline are fenced.
  std::uint64_t last_epoch(const std::string& pipe);

  static std::string value(std::uint64_t epoch, const std::string& run);

 private:
  /// Offsets of a partition: from `begin`, and before `end`.
  struct Range {
    std::int64_t begin = 0, end = 0;
  };
  Range range();
  std::optional<std::uint64_t> read(const std::string& pipe, std::int64_t end);
  void report_wait(std::string_view for_what);

  Settings settings_;
  std::string topic_;
  Log& log_;
  std::function<void()> meanwhile_;
  std::chrono::steady_clock::time_point report_at_;
};

}  // namespace weir::kafka
