// The sink of mqtt-pub: a message for every record.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/mqtt/client.hpp"
#include "pipeline/sink.hpp"
#include "topic_template.hpp"

namespace weir::mqtt_pub {

struct PublishSettings {
  std::string topic;     ///< a TopicTemplate
  std::string payload;   ///< the field whose value is the message; empty: the record's whole line
  std::string id_field;  ///< with checkpoints: the field that the record gets its message's id in; empty: none
  mqtt::Qos qos = mqtt::Qos::at_least_once;
  mqtt::Retain retain = mqtt::Retain::no;
};

/// The records that are on their way and may still be refused, in a ring that keeps its memory.
class OnTheWay {
 public:
  struct Sent {
    mqtt::MessageId id = 0;
    bool done = true;
    std::uint64_t line = 0;
    std::string raw;
  };
  explicit OnTheWay(std::size_t most) : ring_(most + 1) {}

  void add(mqtt::MessageId id, std::uint64_t line, std::string_view raw);
  /// Takes it out; nullptr when it is not here. Valid to the next add().
  const Sent* take(mqtt::MessageId id);

 private:
  std::size_t after(std::size_t index) const { return index + 1 == ring_.size() ? 0 : index + 1; }
  std::vector<Sent> ring_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// Publishes records, holding at most as many as may be on their way; the broker's silence fills the pipe.
class MqttPub : public Sink, private mqtt::Handler {
 public:
  /// `log` gets a warning when the connection is lost or back. Throws std::invalid_argument when the topic is no
  /// template.
  MqttPub(const PublishSettings& settings, const mqtt::Settings& broker, Log& log);

  const FieldSet& fields() const override { return fields_; }
  void start(RejectLog& rejects) override { rejects_ = &rejects; }
  Verdict on_record(const Record& record) override;
  bool ready() override;
  void on_pause(bool paused) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;
  std::string summary() const override;

 private:
  void on_delivered(mqtt::MessageId id) override;
  void on_refused(mqtt::MessageId id, std::string_view reason) override;

  FieldSet fields_;
  TopicTemplate topic_template_;
  std::optional<FieldId> payload_;
  mqtt::Qos qos_;
  mqtt::Retain retain_;
  std::size_t most_in_flight_;
  bool may_refuse_;
  OnTheWay on_the_way_;
  mqtt::Client client_;
  RejectLog* rejects_ = nullptr;
  std::string topic_;
  std::size_t unflushed_ = 0;
};

}  // namespace weir::mqtt_pub
