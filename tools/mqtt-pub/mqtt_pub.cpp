#include "mqtt_pub.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "record/json_text.hpp"

namespace weir::mqtt_pub {
namespace {

/// Messages at QoS 0 that may wait for the socket.
constexpr std::size_t most_unwritten = 1000;
/// After so many messages they are written, so that the broker works meanwhile.
constexpr std::size_t write_batch = 64;
constexpr std::size_t read_batch = 1000;

TopicTemplate topic_template_of(const MqttPub::Settings& settings, FieldSet& fields) {
  try {
    return {settings.topic, fields};
  } catch (const std::invalid_argument& problem) {
    throw std::invalid_argument(fmt::format("--topic: {}", problem.what()));
  }
}

}  // namespace

MqttPub::MqttPub(Settings settings)
    : settings_(std::move(settings)),
      topic_template_(topic_template_of(settings_, fields_)),
      retain_(settings_.retain ? mqtt::Retain::yes : mqtt::Retain::no),
      may_refuse_(settings_.broker.protocol == mqtt::Protocol::v5 && settings_.qos != mqtt::Qos::at_most_once) {
  if (!settings_.id_field.empty() && !settings_.payload.empty())
    throw std::invalid_argument("--id-field adds to the whole record: it and --payload exclude each other");
  if (!settings_.payload.empty()) {
    try {
      payload_field_ = fields_.add(settings_.payload);
    } catch (const std::invalid_argument& problem) {
      throw std::invalid_argument(fmt::format("--payload: {}", problem.what()));
    }
  }
  if (!settings_.id_field.empty()) id_field_ = fields_.add(settings_.id_field);
}

std::vector<NamedField> MqttPub::named_fields() const {
  std::vector<NamedField> named = named_fields_of("--topic", topic_template_.paths());
  if (payload_field_) named.push_back({settings_.payload, "--payload"});
  return named;
}

void MqttPub::start(SinkHost& host) {
  host_ = &host;
  const bool answered = settings_.qos != mqtt::Qos::at_most_once;
  most_in_flight_ = answered ? static_cast<std::size_t>(settings_.broker.in_flight) : most_unwritten;
  if (may_refuse_) in_flight_ = InFlight(most_in_flight_);
  mqtt::Handler& handler = *this;
  client_.emplace(settings_.broker, handler, host.log());
}

/// Sets topic and payload for a record.
Verdict MqttPub::compose(const Record& record) {
  if (Verdict verdict = topic_template_.render(record, topic_); verdict.rejected()) return verdict;
  payload_ = record.line();
  if (!payload_field_) return Verdict::ok();
  const Value& value = record[*payload_field_];
  if (value.kind == Kind::missing) return Verdict::reject("the field that is the payload is missing");
  payload_ = value.text;
  return Verdict::ok();
}

Verdict MqttPub::on_record(const Record& record) {
  if (Verdict verdict = compose(record); verdict.rejected()) return verdict;
  if (!gathers()) return publish(record);
  if (!mqtt::is_topic(topic_)) return Verdict::reject("MQTT cannot carry it: the topic is not UTF-8");
  gather(record);
  return Verdict::ok();
}

Verdict MqttPub::publish(const Record& record) {
  try {
    const mqtt::MessageId id = client_->publish(topic_, payload_, settings_.qos, retain_);
    if (may_refuse_) in_flight_.add(id, record.line_number(), record.line());
  } catch (const std::invalid_argument& problem) {
    return Verdict::reject(fmt::format("MQTT cannot carry it: {}", problem.what()));
  }
  if (++unflushed_ >= write_batch) flush();
  return Verdict::ok();
}

void MqttPub::gather(const Record& record) {
  if (id_field_) {
    std::string token;
    append_json_string(token, state::message_id(host_->pipeline()->pipe, epoch_ + 1, gathered_.size() + 1));
    splicer_.begin(record);
    splicer_.set(record[*id_field_], settings_.id_field, token);
    spliced_.clear();
    splicer_.write(spliced_);
    payload_ = std::string_view(spliced_).substr(0, spliced_.size() - 1);
  }
  gathered_.add({topic_, payload_, record.line_number(), id_field_ ? payload_ : record.line()});
  if (next_ < outbox_.size() && ++unflushed_ >= write_batch) {
    client_->read(read_batch);
    send();
  }
}

void MqttPub::flush() {
  unflushed_ = 0;
  client_->flush();
}

bool MqttPub::ready() {
  if (gathers()) return true;
  if (client_->connected() && client_->in_flight() >= most_in_flight_) {
    flush();
    client_->read(read_batch);
  }
  return client_->connected() && client_->in_flight() < most_in_flight_;
}

void MqttPub::on_pause(InputFlow) {
  if (!gathers()) flush();
}

void MqttPub::wait(std::span<pollfd> also, WaitLimit limit) {
  client_->wait(also, limit);
  client_->read(read_batch);
}

bool MqttPub::finish() {
  flush();
  if (client_->in_flight() > 0) return false;
  client_->disconnect();
  return true;
}

void MqttPub::seal() {
  GatheringSink::seal();
  next_ = 0;
}

bool MqttPub::carry_out(std::uint64_t epoch) {
  epoch_ = epoch;
  send();
  if (next_ < outbox_.size() || client_->in_flight() > 0) return false;
  next_ = 0;
  end_outbox(*host_);
  return true;
}

/// Hands over as much of the outbox as may be in flight.
void MqttPub::send() {
  unflushed_ = 0;
  const bool has_properties = settings_.broker.protocol == mqtt::Protocol::v5;
  mqtt::UserProperty property{"weir-id", {}};
  for (std::size_t unwritten = 0; next_ < outbox_.size() && client_->connected(); ++next_) {
    if (client_->in_flight() >= most_in_flight_ || ++unwritten >= write_batch) {
      unwritten = 0;
      client_->flush();
      client_->read(read_batch);
      if (!client_->connected() || client_->in_flight() >= most_in_flight_) break;
    }
    const state::Outbox::Message message = outbox_[next_];
    topic_ = message.target;
    if (has_properties) property.value = state::message_id(host_->pipeline()->pipe, epoch_, next_ + 1);
    try {
      const mqtt::MessageId sent =
          client_->publish(topic_, message.payload, settings_.qos, retain_, has_properties ? &property : nullptr);
      if (may_refuse_) in_flight_.add(sent, next_, {});
    } catch (const std::invalid_argument& problem) {
      refuse(next_, fmt::format("MQTT cannot carry it: {}", problem.what()));
    }
  }
  client_->flush();
}

void MqttPub::on_delivered(mqtt::MessageId id) {
  if (may_refuse_) in_flight_.take(id);
}

void MqttPub::on_refused(mqtt::MessageId id, std::string_view reason) {
  const InFlight::Message* message = in_flight_.take(id);
  if (message == nullptr) return;
  const std::string why = fmt::format("the broker refuses it: {}", reason);
  if (gathers()) {
    refuse(message->number, why);
  } else {
    host_->reject(message->number, message->raw, why);
  }
}

std::string MqttPub::summary() const {
  if (!client_ || client_->lost() == 0) return {};
  return fmt::format("{} messages at QoS 0 went with lost connections", client_->lost());
}

}  // namespace weir::mqtt_pub
