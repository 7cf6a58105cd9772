// mqtt-pub with checkpoints: every message at least once, with an id to know doubles by.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "mqtt_pub.hpp"
#include "net/mqtt/client.hpp"
#include "outbox.hpp"
#include "pipeline/sink.hpp"
#include "record/object_writer.hpp"
#include "topic_template.hpp"

namespace weir::mqtt_pub {

/// Gathers the messages of an epoch. Its snapshot holds them, and only when they are durable they are sent; the next
/// epoch may end when the broker has acknowledged them all. What a kill has interrupted is sent again, whole.
class EpochPub : public Sink, private mqtt::Handler {
 public:
  /// As MqttPub's.
  EpochPub(const PublishSettings& settings, const mqtt::Settings& broker, Log& log);

  const FieldSet& fields() const override { return fields_; }
  void start(RejectLog& rejects) override { rejects_ = &rejects; }
  std::optional<std::uint64_t> take_over(const RunName& name) override;
  Verdict on_record(const Record& record) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  void snapshot(SnapshotWriter& to) override;
  void restore(SnapshotReader& from) override { sending_.restore(from); }
  bool repeats_are_seen() const override { return true; }
  void was_committed() override { sending_.clear(); }
  bool commit(std::uint64_t epoch) override;
  bool finish() override;

 private:
  void send();
  void refuse(std::size_t index, std::string_view reason);
  void on_delivered(mqtt::MessageId id) override { on_the_way_.take(id); }
  void on_refused(mqtt::MessageId id, std::string_view reason) override;

  FieldSet fields_;
  TopicTemplate topic_template_;
  std::optional<FieldId> payload_;
  std::optional<FieldId> id_;
  std::string id_field_;
  mqtt::Qos qos_;
  mqtt::Retain retain_;
  mqtt::Protocol protocol_;
  std::size_t most_in_flight_;
  OnTheWay on_the_way_;  ///< their numbers in sending_ as `line`
  mqtt::Client client_;
  RejectLog* rejects_ = nullptr;

  std::string pipe_;
  std::uint64_t epoch_ = 0;  ///< the last one that has ended
  Outbox gathered_;          ///< of the epoch behind it
  Outbox sending_;           ///< of it
  std::size_t next_ = 0;     ///< in sending_
  bool all_sent_ = false;
  std::size_t unserved_ = 0;  ///< records since the connection was looked after
  std::vector<RejectLog::Refusal> refused_;
  Splicer splicer_;
  std::string topic_;
  std::string spliced_;
};

}  // namespace weir::mqtt_pub
