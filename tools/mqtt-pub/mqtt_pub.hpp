// The sink of mqtt-pub: a message for every record, or for several.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "in_flight.hpp"
#include "net/mqtt/client.hpp"
#include "pack.hpp"
#include "pipeline/gathering_sink.hpp"
#include "record/object_writer.hpp"
#include "topic_template.hpp"

namespace weir::mqtt_pub {

/// Publishes records.
///
/// Without checkpoints each record is published as it comes; as many as may be in flight are held, and the broker's
/// silence fills the pipe. With checkpoints the messages of an epoch are gathered and sent when its snapshot is
/// durable, each with an id; what a kill interrupts is sent again, whole. Packs then depend on the records alone.
class MqttPub : public GatheringSink, private mqtt::Handler {
 public:
  struct Settings {
    std::string topic;     ///< a TopicTemplate
    std::string payload;   ///< the field whose value is the message; empty: the record's whole line
    std::string id_field;  ///< with checkpoints: the field that the record gets its message's id in; empty: none
    mqtt::Qos qos = mqtt::Qos::at_least_once;
    bool retain = false;
    std::optional<std::uint64_t> batch{};    ///< most records in a message, an array; nothing: one, as it is
    std::uint64_t batch_bytes = 128 * 1024;  ///< the most that AWS IoT Core takes
    mqtt::Settings broker;
  };

  /// Throws std::invalid_argument, naming the option, when the settings do not fit together.
  explicit MqttPub(Settings settings);

  std::vector<NamedField> named_fields() const override;
  /// Throws std::runtime_error when a certificate or key file cannot be used. The connection is made in wait().
  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  bool ready() override;
  void on_pause(InputFlow flow) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;
  std::string summary() const override;
  std::uint64_t held_bytes() const override;
  std::uint32_t schema() const override { return 2; }  // 2: the records of packs

  Repeat repeat() const override { return Repeat::visible; }
  void seal() override;
  void state(StateArchive& archive) override;
  bool carry_out(std::uint64_t epoch) override;
  void close() override { client_->disconnect(); }

 private:
  void on_delivered(mqtt::MessageId id) override;
  void on_refused(mqtt::MessageId id, std::string_view reason) override;

  bool gathers() const { return host_->pipeline() != nullptr; }
  Verdict compose(const Record& record);
  Verdict publish(const Record& record);
  void join(const Record& record);
  void publish_pack();
  void gather(const Record& record);
  void gather_pack();
  void refuse_all(std::uint64_t number, const std::string& reason);
  bool may_publish() const { return client_->connected() && client_->in_flight() < most_in_flight_; }
  void flush();
  void send();

  Settings settings_;
  TopicTemplate topic_template_;
  std::optional<FieldId> payload_field_;
  std::optional<FieldId> id_field_;
  mqtt::Retain retain_;
  bool may_refuse_;  ///< the broker answers each message
  SinkHost* host_ = nullptr;
  std::optional<mqtt::Client> client_;
  std::size_t most_in_flight_ = 0;
  InFlight in_flight_{0};

  std::string topic_;  ///< of the record under way
  std::string_view payload_;
  std::size_t unflushed_ = 0;  ///< records since the connection was served
  std::optional<Pack> pack_;   ///< with --batch
  bool paused_ = false;        ///< the input; what is in the pack is due

  // With checkpoints:
  std::uint64_t records_ = 0;       ///< of the epoch under way
  PackedRecords gathered_records_;  ///< of packs in gathered_
  PackedRecords outbox_records_;
  std::size_t next_ = 0;     ///< the first message of the outbox that was not handed over
  std::uint64_t epoch_ = 0;  ///< the outbox's number
  Splicer splicer_;
  std::string spliced_;
};

}  // namespace weir::mqtt_pub
