// The sink of kafka-pub: a message for every record.
#pragma once
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "avro_writer.hpp"
#include "dead_letters.hpp"
#include "epoch_messages.hpp"
#include "in_flight_records.hpp"
#include "message_maker.hpp"
#include "net/kafka/admin.hpp"
#include "net/kafka/epoch_marker.hpp"
#include "net/kafka/producer.hpp"
#include "pipeline/transaction_sink.hpp"
#include "record/producer_watermark.hpp"
#include "topics.hpp"

namespace weir::kafka_pub {

/// Sends records to Kafka.
///
/// Without checkpoints each record is sent as it comes, by an idempotent producer. With them the messages of an epoch
/// are gathered, and sent in one transaction together with the epoch's marker. Where many come, the transaction begins
/// before the barrier, so that the brokers work while the epoch is read. A message that the brokers refuse ends the
/// transaction: it is sent again without that message, which goes to the rejects.
class KafkaPub : public TransactionSink, private kafka::ProducerHandler {
 public:
  struct Settings {
    Form form;
    SchemaChoice schemas;
    std::string dead_letter;  ///< the topic for refused messages; empty: the rejects alone
    std::string epochs_topic{kafka::default_epochs_topic};  ///< the topic of the markers
    std::uint64_t most_held = 256 << 20;       ///< bytes of an epoch whose messages are sent before its barrier
    bool watermarks = false;                   ///< each epoch tells every partition how far event time has come
    std::optional<kafka::NewTopic> new_topic;  ///< how to make a topic that is missing; its name is not set
    kafka::Producer::Settings producer;
  };

  /// Throws std::invalid_argument, naming the option, when the settings do not fit together.
  explicit KafkaPub(Settings settings);

  std::vector<NamedField> named_fields() const override { return maker_.named_fields(); }
  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  CountReport counts() const override;
  bool ready() override;
  void on_pause(InputFlow flow) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;
  void on_watermark(Time time) override { watermark_.time = time; }
  void on_end() override { watermark_.ended = true; }

  std::string noted_as() const override { return "marker in the topic " + settings_.epochs_topic; }
  std::string instead_of_rebuild() const override { return "start over with another topic and another --pipe"; }
  std::uint64_t fence(const PipelineRun& run) override;
  std::uint64_t held_bytes() const override { return gathered_.bytes(); }
  std::uint64_t most_held_bytes() const override;
  bool commit(std::uint64_t epoch) override;

 private:
  /// The numbers of messages that are no records.
  static constexpr std::uint64_t marker_number = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint64_t letter_number = marker_number - 1;
  static constexpr std::uint64_t filler_number = letter_number - 1;
  static constexpr std::uint64_t watermark_number = filler_number - 1;
  /// How long one call of the library may block the reading of input.
  static constexpr std::chrono::milliseconds slice{50};

  using Sent = kafka::Producer::Sent;
  bool gathers() const { return host_->pipeline() != nullptr; }
  void start_producer();
  Verdict write_avro(const Record& record);
  Verdict send_now(const Record& record);
  bool prepare_new_topics();
  const std::string* look_again(const std::string& topic);
  void refuse_missing();
  void end_lost_transactions(std::span<const std::string> topics);
  bool begins_early() const;
  /// Whether messages of the epoch under way go to the brokers as they come.
  bool sends_early() const { return phase_ == Phase::early && !has_refused_; }
  bool takes_more() const;
  void send_early();
  Sent send_messages(EpochMessages& messages);
  Sent send_dead_letter(EpochMessages& messages);
  Sent send_epoch(std::uint64_t epoch);
  bool send_dead_letters();
  void begin_transaction();
  void prepare_watermark();
  Sent send_watermarks();
  bool begin_epoch(std::uint64_t epoch);
  void take_early_epoch(std::uint64_t epoch);
  void forget_epoch();
  void report_refused();
  void on_delivered(std::uint64_t number) override;
  void on_refused(std::uint64_t number, std::string_view reason) override;

  Settings settings_;
  MessageMaker maker_;
  SinkHost* host_ = nullptr;
  std::optional<AvroWriter> avro_;  ///< where payloads are written by schemas
  // With checkpoints, until the producer has ended, which sends payloads from where they are here:
  EpochMessages gathered_;  ///< of the epoch under way
  EpochMessages sending_;   ///< of the one that is being committed
  std::optional<kafka::Producer> producer_;
  std::optional<Topics> topics_;
  std::optional<std::string> fixed_topic_;  ///< that of every record, where no fields are in it
  DeadLetters letters_;

  // Without checkpoints:
  InFlightRecords in_flight_;
  std::vector<DeadLetter> dead_letters_;  ///< to be sent

  // With checkpoints:
  enum class Phase : std::uint8_t {
    done,    ///< no transaction is open
    early,   ///< the messages of gathered_ are sent while more of them come
    begun,   ///< those of sending_ are sent
    marked,  ///< and their marker
  };
  Phase phase_ = Phase::done;
  std::chrono::steady_clock::time_point early_until_{};  ///< the early transaction may be open
  std::chrono::steady_clock::time_point large_until_{};  ///< the epoch may be larger than others
  bool waits_for_barrier_ = false;       ///< a transaction of this epoch was open for too long before its barrier
  std::uint64_t epoch_ = 0;              ///< whose messages are in sending_
  ProducerWatermark watermark_;          ///< of the epoch under way
  ProducerWatermark sending_watermark_;  ///< of the one that is being committed
  std::string watermark_text_;           ///< of it, while partitions are to have it
  int partitions_ = 0;                   ///< of the topic, once watermarks are sent
  int next_partition_ = 0;               ///< the first that has none of this transaction
  std::size_t next_ = 0;                 ///< the first message of it that was not sent in this transaction
  std::vector<std::string> refused_;     ///< by index: the reason, or empty
  bool has_refused_ = false;
  bool takes_letters_ = true;  ///< the topic of dead letters has refused none of this epoch
  std::size_t reported_ = 0;   ///< of refused_, to the rejects
};

}  // namespace weir::kafka_pub
