#include "mqtt_pub.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace weir::mqtt_pub {
namespace {

/// Messages at QoS 0 that may wait for the socket.
constexpr std::size_t most_unwritten = 1000;
/// After so many messages they are written, so that the broker works while we read on.
constexpr std::size_t write_batch = 64;
constexpr std::size_t read_batch = 1000;

}  // namespace

void OnTheWay::add(mqtt::MessageId id, std::uint64_t line, std::string_view raw) {
  Sent& sent = ring_[end_];
  sent.id = id;
  sent.done = false;
  sent.line = line;
  sent.raw.assign(raw);
  end_ = after(end_);
}

const OnTheWay::Sent* OnTheWay::take(mqtt::MessageId id) {
  // Acknowledgements come in the order of the messages, nearly always, so it is the first.
  for (std::size_t i = begin_; i != end_; i = after(i)) {
    if (ring_[i].done || ring_[i].id != id) continue;
    ring_[i].done = true;
    while (begin_ != end_ && ring_[begin_].done) begin_ = after(begin_);
    return &ring_[i];
  }
  return nullptr;
}

MqttPub::MqttPub(const PublishSettings& settings, const mqtt::Settings& broker, Log& log)
    : topic_template_(settings.topic, fields_),
      qos_(settings.qos),
      retain_(settings.retain),
      most_in_flight_(qos_ == mqtt::Qos::at_most_once ? most_unwritten : static_cast<std::size_t>(broker.in_flight)),
      may_refuse_(broker.protocol == mqtt::Protocol::v5 && qos_ != mqtt::Qos::at_most_once),
      on_the_way_(may_refuse_ ? most_in_flight_ : 0),
      client_(broker, *this, log) {
  if (!settings.payload.empty()) payload_ = fields_.add(settings.payload);
}

Verdict MqttPub::on_record(const Record& record) {
  if (Verdict verdict = topic_template_.render(record, topic_); verdict.rejected()) return verdict;
  std::string_view payload = record.line();
  if (payload_) {
    const Value& value = record[*payload_];
    if (value.kind == Kind::missing) return Verdict::reject("the field that is the payload is missing");
    payload = value.text;
  }
  try {
    const mqtt::MessageId id = client_.publish(topic_, payload, qos_, retain_);
    if (may_refuse_) on_the_way_.add(id, record.line_number(), record.line());
  } catch (const std::invalid_argument& problem) {
    return Verdict::reject(fmt::format("MQTT cannot carry it: {}", problem.what()));
  }
  if (++unflushed_ >= write_batch) on_pause(false);
  return Verdict::ok();
}

void MqttPub::on_pause(bool paused) {
  static_cast<void>(paused);
  unflushed_ = 0;
  client_.flush();
}

bool MqttPub::ready() {
  if (client_.connected() && client_.in_flight() >= most_in_flight_) {
    on_pause(false);
    client_.read(read_batch);
  }
  return client_.connected() && client_.in_flight() < most_in_flight_;
}

void MqttPub::wait(std::span<pollfd> also, WaitLimit limit) {
  client_.wait(also, limit);
  client_.read(read_batch);
}

bool MqttPub::finish() {
  on_pause(true);
  if (client_.in_flight() > 0) return false;
  client_.disconnect();
  return true;
}

void MqttPub::on_delivered(mqtt::MessageId id) {
  if (may_refuse_) on_the_way_.take(id);
}

void MqttPub::on_refused(mqtt::MessageId id, std::string_view reason) {
  const OnTheWay::Sent* sent = on_the_way_.take(id);
  if (sent != nullptr) rejects_->reject(sent->line, sent->raw, fmt::format("the broker refuses it: {}", reason));
}

std::string MqttPub::summary() const {
  if (client_.lost() == 0) return {};
  return fmt::format("{} messages at QoS 0 went with lost connections", client_.lost());
}

}  // namespace weir::mqtt_pub
