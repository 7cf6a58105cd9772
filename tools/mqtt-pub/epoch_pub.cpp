#include "epoch_pub.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "net/mqtt/settings.hpp"
#include "record/json_text.hpp"

namespace weir::mqtt_pub {
namespace {

/// After so many messages they are written, so that the broker works meanwhile.
constexpr std::size_t write_batch = 64;
constexpr std::size_t read_batch = 1000;

}  // namespace

EpochPub::EpochPub(const PublishSettings& settings, const mqtt::Settings& broker, Log& log)
    : topic_template_(settings.topic, fields_),
      id_field_(settings.id_field),
      qos_(settings.qos),
      retain_(settings.retain),
      protocol_(broker.protocol),
      most_in_flight_(static_cast<std::size_t>(broker.in_flight)),
      on_the_way_(most_in_flight_),
      client_(broker, *this, log) {
  if (!settings.payload.empty()) payload_ = fields_.add(settings.payload);
  if (!id_field_.empty()) id_ = fields_.add(id_field_);
}

std::optional<std::uint64_t> EpochPub::take_over(const RunName& name) {
  pipe_ = name.pipe;
  return std::nullopt;
}

Verdict EpochPub::on_record(const Record& record) {
  if (Verdict verdict = topic_template_.render(record, topic_); verdict.rejected()) return verdict;
  if (!mqtt::is_topic(topic_)) return Verdict::reject("MQTT cannot carry it: the topic is not UTF-8");
  std::string_view payload = record.line();
  if (payload_) {
    const Value& value = record[*payload_];
    if (value.kind == Kind::missing) return Verdict::reject("the field that is the payload is missing");
    payload = value.text;
  }
  if (id_) {
    std::string token;
    append_json_string(token, message_id(pipe_, epoch_ + 1, gathered_.size() + 1));
    splicer_.begin(record);
    splicer_.set(record[*id_], id_field_, token);
    spliced_.clear();
    splicer_.write(spliced_);
    payload = std::string_view(spliced_).substr(0, spliced_.size() - 1);
  }
  gathered_.add({topic_, payload, record.line_number(), id_ ? payload : record.line()});
  if (next_ < sending_.size() && ++unserved_ >= write_batch) {
    unserved_ = 0;
    client_.read(read_batch);
    send();
  }
  return Verdict::ok();
}

void EpochPub::snapshot(SnapshotWriter& to) {
  // Asked for once more when all has been sent and some was refused: nothing of the epoch is left to do then.
  if (!all_sent_) {
    std::swap(sending_, gathered_);
    gathered_.clear();
    next_ = 0;
    sending_.snapshot(to);
  } else {
    Outbox().snapshot(to);
  }
}

bool EpochPub::commit(std::uint64_t epoch) {
  epoch_ = epoch;
  send();
  if (next_ < sending_.size() || client_.in_flight() > 0) return false;
  if (!refused_.empty()) {
    all_sent_ = true;
    rejects_->refuse(refused_);
    all_sent_ = false;
    refused_.clear();
  }
  sending_.clear();
  next_ = 0;
  return true;
}

void EpochPub::send() {
  for (std::size_t unwritten = 0; next_ < sending_.size() && client_.connected(); ++next_) {
    if (client_.in_flight() >= most_in_flight_ || ++unwritten >= write_batch) {
      unwritten = 0;
      client_.flush();
      client_.read(read_batch);
      if (!client_.connected() || client_.in_flight() >= most_in_flight_) break;
    }
    const Outbox::Message message = sending_[next_];
    const mqtt::UserProperty id{"weir-id", message_id(pipe_, epoch_, next_ + 1)};
    topic_ = message.topic;
    try {
      const bool properties = protocol_ == mqtt::Protocol::v5;
      on_the_way_.add(client_.publish(topic_, message.payload, qos_, retain_, properties ? &id : nullptr), next_, {});
    } catch (const std::invalid_argument& problem) {
      refuse(next_, fmt::format("MQTT cannot carry it: {}", problem.what()));
    }
  }
  client_.flush();
}

void EpochPub::refuse(std::size_t index, std::string_view reason) {
  const Outbox::Message message = sending_[index];
  refused_.push_back({message.line, std::string(message.raw), std::string(reason)});
}

void EpochPub::on_refused(mqtt::MessageId id, std::string_view reason) {
  if (const OnTheWay::Sent* sent = on_the_way_.take(id))
    refuse(sent->line, fmt::format("the broker refuses it: {}", reason));
}

void EpochPub::wait(std::span<pollfd> also, WaitLimit limit) {
  client_.wait(also, limit);
  client_.read(read_batch);
}

bool EpochPub::finish() {
  client_.disconnect();
  return true;
}

}  // namespace weir::mqtt_pub
