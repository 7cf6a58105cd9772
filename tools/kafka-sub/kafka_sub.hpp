// The source of kafka-sub: messages of assigned partitions become records.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "avro_reader.hpp"
#include "message_shaper.hpp"
#include "net/kafka/consumer.hpp"
#include "pipeline/source.hpp"
#include "readings.hpp"
#include "topics.hpp"

namespace weir::kafka_sub {

/// Where a first run begins.
enum class From : std::uint8_t { start, end, time, committed, offsets };
/// Whether messages that the brokers have removed before they were read may be missing.
enum class Gap : std::uint8_t { refused, allowed };
/// Whether the run ends at the end that each partition had when it was assigned.
enum class Until : std::uint8_t { stopped, end };

/// The watermarks that a source of several partitions writes.
struct WatermarkSettings {
  Duration lateness{};                       ///< how far out of order the records of a partition may come
  Duration idle = std::chrono::seconds(10);  ///< a partition with nothing to read for so long holds nothing back
};

struct Settings {
  std::vector<std::string> topics;  ///< names; one that begins with ^ is a regular expression
  std::set<int> partitions;         ///< empty: all
  int shard = 0;                    ///< of `shards`: partitions whose number leaves this remainder
  int shards = 1;
  From from = From::committed;
  Time from_time{};
  std::map<int, std::int64_t> from_offsets;  ///< by partition number; others begin at their start
  Until until = Until::stopped;
  std::optional<std::uint64_t> count;
  Gap gap = Gap::refused;
  Duration look_every = std::chrono::seconds(10);  ///< for new topics and partitions
  std::optional<WatermarkSettings> watermark;
  std::size_t producers = 0;  ///< whose watermarks in the topics make ours; 0: none are read
  Shape shape;
  SchemaSource schemas;
  kafka::Consumer::Settings consumer;
};

/// Reads partitions that it assigns itself: no other member of a group takes one away, and a restart goes on where the
/// last epoch ended. Without checkpoints the group's offsets are committed once the lines are written.
class KafkaSub : public Source<Position>, private kafka::ConsumerHandler {
 public:
  using WallClock = std::function<Time()>;
  /// Throws std::invalid_argument, naming the option.
  KafkaSub(Settings settings, WallClock now);

  void start(SourceHost& host) override;
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  void written() override;
  void close() override;
  std::optional<Time> promise(Time) const override { return std::nullopt; }
  std::string position_text() const override;

  std::uint32_t schema() const override { return 2; }
  Position position() override { return position_; }
  void restore(const Position& position) override;
  void rebuild(std::optional<Time> final_until) override;
  void committed(const Position& position) override;
  bool wants_last_commit() const override { return !settings_.consumer.group.empty(); }

 private:
  using clock = std::chrono::steady_clock;
  enum class Phase : std::uint8_t { partitions, offsets, ends, reading };

  bool keeps_state() const { return !host_->folder().empty(); }
  bool get_ready();
  std::optional<std::vector<kafka::Partition>> ask_partitions();
  bool report_missing(const std::vector<kafka::Partition>& found);
  bool find_partitions();
  [[noreturn]] void refuse_count(const std::string& topic, std::size_t now, std::size_t before) const;
  void report_share() const;
  void look_again();
  void assign();
  void leave_gap(const kafka::Partition& partition, std::int64_t begin);
  bool leave_gaps();
  bool find_offsets();
  std::int64_t first_offset(const kafka::Partition& partition, const std::optional<kafka::Offsets>& wanted,
                            std::int64_t begin, std::int64_t end);
  bool find_ends();
  void check_rebuilt(const kafka::Partition& partition, std::int64_t begin, std::int64_t end);
  void check_first_time(Reading& reading, Time time);
  bool is_over() const;
  bool is_mine(const kafka::Partition& partition) const;
  kafka::Taken on_message(const kafka::ReceivedMessage& message) override;
  std::optional<Verdict> write(const kafka::ReceivedMessage& message);
  void on_end(std::string_view topic, int partition, std::int64_t offset) override;
  void on_out_of_range(std::string_view topic, int partition) override;
  void pass(Reading& reading, std::int64_t next);
  bool writes_watermarks() const { return settings_.watermark || settings_.producers > 0; }
  std::optional<Time> due_watermark() const;
  void append_due_watermark(Output& out);
  std::optional<Verdict> take_watermark(Reading& reading, std::string_view payload);

  Settings settings_;
  WallClock now_;
  Topics topics_;
  MessageShaper shaper_;
  SourceHost* host_ = nullptr;
  std::optional<kafka::Consumer> consumer_;
  std::optional<AvroReader> avro_;  ///< where payloads are read by schemas
  kafka::ReceivedMessage as_json_;  ///< the message under way, with the payload that avro_ has read
  Phase phase_ = Phase::partitions;
  std::set<std::string> reported_missing_;
  bool rebuilds_ = false;             ///< the state was lost and is made again
  std::optional<Time> final_until_;   ///< of it
  bool went_on_ = false;              ///< an earlier run has found its topics
  std::set<std::string> new_topics_;  ///< that this run has found, and an earlier one did not
  clock::time_point looked_at_{};     ///< for topics and partitions
  std::set<kafka::Partition> gaps_;   ///< whose next message the brokers do not have
  std::vector<kafka::Partition> mine_;
  Position position_;
  Readings readings_;
  clock::time_point committed_at_{};
  kafka::Offsets committed_;  ///< by the sink; with --group
  Output* out_ = nullptr;     ///< while read() calls back
  Time batch_time_{};         ///< of day, for all messages of one read()
  clock::time_point batch_at_{};
  std::uint64_t messages_ = 0;
  Time watermark_ = Time::min();  ///< the last one written
};

}  // namespace weir::kafka_sub
