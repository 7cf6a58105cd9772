#include "mqtt_pub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "record/json_text.hpp"

namespace weir::mqtt_pub {
namespace {

/// Messages at QoS 0 that may wait for the socket.
constexpr std::size_t most_unwritten = 1000;
/// With --batch fewer wait, as each is larger, but at least so many.
constexpr std::size_t least_unwritten = 16;
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
  if (settings_.batch) pack_.emplace(Pack::Limits{*settings_.batch, settings_.batch_bytes});
}

std::vector<NamedField> MqttPub::named_fields() const {
  std::vector<NamedField> named = named_fields_of("--topic", topic_template_.paths());
  if (payload_field_) named.push_back({settings_.payload, "--payload"});
  return named;
}

void MqttPub::start(SinkHost& host) {
  host_ = &host;
  const bool answered = settings_.qos != mqtt::Qos::at_most_once;
  const std::size_t unanswered = std::max<std::size_t>(least_unwritten, most_unwritten / settings_.batch.value_or(1));
  most_in_flight_ = answered ? static_cast<std::size_t>(settings_.broker.in_flight) : unanswered;
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
  payload_ = pack_ ? value.raw : value.text;  // in an array a string needs its quotes
  return Verdict::ok();
}

Verdict MqttPub::on_record(const Record& record) {
  if (Verdict verdict = compose(record); verdict.rejected()) return verdict;
  if (!gathers() && !pack_) return publish(record);
  if (!mqtt::is_topic(topic_)) return Verdict::reject("MQTT cannot carry it: the topic is not UTF-8");
  if (gathers())
    gather(record);
  else
    join(record);
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

/// Adds a record to the pack. There is room for one message: at most one leaves here, and a second one waits.
void MqttPub::join(const Record& record) {
  paused_ = false;
  if (!pack_->takes(topic_, payload_)) publish_pack();
  pack_->add({topic_, payload_, record.line_number(), record.line()});
  if (pack_->full() && may_publish()) publish_pack();
  if (unflushed_ >= write_batch) flush();
}

void MqttPub::publish_pack() {
  unflushed_ += pack_->size();
  try {
    const mqtt::MessageId id = client_->publish(pack_->topic(), pack_->payload(), settings_.qos, retain_);
    if (may_refuse_) in_flight_.add(id, 0, pack_->raw(), pack_->parts());
  } catch (const std::invalid_argument& problem) {
    for (const Pack::Part& part : pack_->parts())
      host_->reject(part.line, pack_->raw().substr(part.at, part.size),
                    fmt::format("MQTT cannot carry its message: {}", problem.what()));
  }
  pack_->clear();
}

void MqttPub::gather(const Record& record) {
  ++records_;
  if (id_field_) {
    std::string token;
    append_json_string(token, state::message_id(host_->pipeline()->pipe, epoch_ + 1, records_));
    splicer_.begin(record);
    splicer_.set(record[*id_field_], settings_.id_field, token);
    spliced_.clear();
    splicer_.write(spliced_);
    payload_ = std::string_view(spliced_).substr(0, spliced_.size() - 1);
  }
  const state::Outbox::Message message{topic_, payload_, record.line_number(), id_field_ ? payload_ : record.line()};
  if (!pack_) {
    gathered_.add(message);
  } else {
    if (!pack_->takes(topic_, payload_)) gather_pack();
    pack_->add(message);
  }
  if (next_ < outbox_.size() && ++unflushed_ >= write_batch) {
    client_->read(read_batch);
    send();
  }
}

void MqttPub::gather_pack() {
  if (pack_->empty()) return;
  gathered_records_.add(gathered_.size(), *pack_);
  gathered_.add({pack_->topic(), pack_->payload(), pack_->parts().front().line, pack_->raw()});
  pack_->clear();
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
  return may_publish();
}

void MqttPub::on_pause(InputFlow flow) {
  if (gathers()) return;
  paused_ = flow == InputFlow::paused;
  if (paused_ && pack_ && !pack_->empty() && may_publish()) publish_pack();
  flush();
}

void MqttPub::wait(std::span<pollfd> also, WaitLimit limit) {
  client_->wait(also, limit);
  client_->read(read_batch);
  if (!paused_ || !pack_ || pack_->empty() || gathers() || !may_publish()) return;
  publish_pack();
  flush();
}

bool MqttPub::finish() {
  if (pack_ && !pack_->empty()) {
    if (!may_publish()) return false;
    publish_pack();
  }
  flush();
  if (client_->in_flight() > 0) return false;
  client_->disconnect();
  return true;
}

std::uint64_t MqttPub::held_bytes() const {
  return GatheringSink::held_bytes() + gathered_records_.bytes() + (pack_ ? pack_->held_bytes() : 0);
}

void MqttPub::seal() {
  if (pack_) gather_pack();
  GatheringSink::seal();
  std::swap(outbox_records_, gathered_records_);
  gathered_records_.clear();
  records_ = 0;
  next_ = 0;
}

void MqttPub::state(StateArchive& archive) {
  GatheringSink::state(archive);
  outbox_records_.state(archive, outbox_);
}

bool MqttPub::carry_out(std::uint64_t epoch) {
  epoch_ = epoch;
  send();
  if (next_ < outbox_.size() || client_->in_flight() > 0) return false;
  next_ = 0;
  outbox_records_.clear();
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
      refuse_all(next_, fmt::format("MQTT cannot carry it: {}", problem.what()));
    }
  }
  client_->flush();
}

/// Refuses a message of the outbox: its record, or each one of a pack.
void MqttPub::refuse_all(std::uint64_t number, const std::string& reason) {
  if (outbox_records_.empty()) return refuse(number, reason);
  outbox_records_.for_each(number, outbox_[number],
                           [&](std::uint64_t line, std::string_view raw) { refuse(line, raw, reason); });
}

void MqttPub::on_delivered(mqtt::MessageId id) {
  if (may_refuse_) in_flight_.take(id);
}

void MqttPub::on_refused(mqtt::MessageId id, std::string_view reason) {
  const InFlight::Message* message = in_flight_.take(id);
  if (message == nullptr) return;
  const std::string why = fmt::format("the broker refuses it: {}", reason);
  if (gathers()) return refuse_all(message->number, why);
  if (message->parts.empty()) return host_->reject(message->number, message->raw, why);
  for (const Pack::Part& part : message->parts)
    host_->reject(part.line, std::string_view(message->raw).substr(part.at, part.size), why);
}

std::string MqttPub::summary() const {
  if (!client_ || client_->lost() == 0) return {};
  return fmt::format("{} messages at QoS 0 went with lost connections", client_->lost());
}

}  // namespace weir::mqtt_pub
