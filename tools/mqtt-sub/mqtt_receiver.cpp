#include "mqtt_receiver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "state/atomic_file.hpp"
#include "state/epoch_file.hpp"
#include "state/stage_folder.hpp"

namespace weir::mqtt_sub {
namespace {

/// Messages that are read before their bytes are looked at, and the bytes after which no more are read at once: a
/// message may have many records.
constexpr std::uint64_t read_step = 64;
constexpr std::size_t most_received_bytes = 1 << 20;
/// Wakes at QoS 0 that are closer than this are fast, and the pause in which more messages gather then.
constexpr auto fast = std::chrono::microseconds(300);
constexpr auto gathering = std::chrono::microseconds(100);
/// Second line of the session's file, after the client id: the broker has the subscriptions.
constexpr std::string_view subscribed_line = "subscribed\n";

/// A fingerprint of a message among those stored.
std::uint64_t hash_of(const mqtt::Message& message) {
  const std::hash<std::string_view> hash;
  return hash(message.topic) * 0x9e3779b97f4a7c15U + hash(message.payload);
}

}  // namespace

MqttReceiver::MqttReceiver(Settings settings, mqtt::Settings broker, Now now)
    : settings_(std::move(settings)), broker_(std::move(broker)), now_(std::move(now)), shaper_(settings_.shape) {}

void MqttReceiver::start(SourceHost& host, Inbox& inbox) {
  host_ = &host;
  inbox_ = &inbox;
  if (!host.folder().empty()) read_session(host.folder());
  client_.emplace(broker_, static_cast<mqtt::Handler&>(*this), host.log());
  client_->subscribe(settings_.filters, settings_.qos, subscribed_ ? mqtt::Subscribed::yes : mqtt::Subscribed::no);
}

void MqttReceiver::read_session(const std::string& folder) {
  session_file_ = folder + "/session";
  const std::string kept = state::read_file(session_file_).value_or("");
  const std::string id = kept.substr(0, kept.find('\n'));
  if (broker_.client_id.empty()) broker_.client_id = id.empty() ? "weir-" + state::new_run().substr(0, 16) : id;
  subscribed_ = kept == broker_.client_id + '\n' + std::string(subscribed_line);
  if (id != broker_.client_id) write_session();
}

void MqttReceiver::write_session() const {
  state::write_file(session_file_, broker_.client_id + '\n' + std::string(subscribed_ ? subscribed_line : ""));
}

void MqttReceiver::stored(std::string_view line) {
  if (line == new_session_line) {
    redelivery_.new_session();
    early_retained_.clear();
  } else if (message_line_.read(line)) {
    remember(message_line_.message(), hash_of(message_line_.message()));
  }
}

void MqttReceiver::remember(const mqtt::Message& message, std::uint64_t hash) {
  if (message.qos != mqtt::Qos::at_most_once) redelivery_.stored(message.id, hash);
  if (!subscribed_ && message.retained) early_retained_.insert(hash);
}

/// Lets messages gather that come fast: the broker sends each by itself, and each would wake all stages of the pipe.
/// Not where the broker waits for acknowledgements.
void MqttReceiver::wait(std::span<pollfd> also, WaitLimit limit) {
  client_->wait(also, limit);
  if (acknowledges() || limit == WaitLimit::zero()) return;
  if (std::chrono::steady_clock::now() - last_wake_ < fast) std::this_thread::sleep_for(gathering);
  last_wake_ = std::chrono::steady_clock::now();
}

bool MqttReceiver::receive(std::uint64_t most) {
  bool more = true;
  received_bytes_ = 0;
  while (more && most > 0 && received_bytes_ < most_received_bytes) {
    const std::uint64_t some = std::min(most, read_step);
    more = client_->read(static_cast<std::size_t>(some));
    most -= some;
  }
  ask_for_births();
  return more;
}

Receiver::Emitted MqttReceiver::emit(std::string_view line, std::uint64_t number, Output& out) {
  if (line == new_session_line) return Emitted::nothing;
  if (!message_line_.read(line))
    throw state::Unusable("the spool has a line that is not a message: start with a new state folder");
  const mqtt::Message& message = message_line_.message();
  const std::size_t before = out.lines.size();
  bool parts_rejected = false;
  const auto on_reject = [&](std::string_view raw, std::string_view reason) {
    parts_rejected = true;
    host_->reject_from({"topic", message.topic}, number, raw, reason);
  };
  const Verdict verdict = message_line_.payload() == Payload::beginning
                              ? Verdict::reject(too_long)
                              : shaper_.write(message, message_line_.received(), out.lines, on_reject);
  if (settings_.shape.from == From::sparkplug) heed();
  if (verdict.rejected()) {
    on_reject(message.payload, verdict.reason());
    return Emitted::reject;
  }
  if (out.lines.size() > before) return Emitted::record;
  return parts_rejected ? Emitted::reject : Emitted::nothing;
}

/// Reports what the last message of Sparkplug showed, and asks for the birth that it lacks.
void MqttReceiver::heed() {
  const sparkplug::Host& nodes = shaper_.host();
  const auto& topic = nodes.rebirth_topic();
  // One report for each birth that is missing, not for each message.
  if (topic) host_->log().warn(nodes.notice());
  if (!topic || !settings_.rebirth) return;
  births_wanted_.insert(*topic);
  ask_for_births();
}

/// Messages of a spool, and those queued in a session, come before the connection is ready: the commands wait for it.
void MqttReceiver::ask_for_births() {
  if (births_wanted_.empty() || !client_->connected()) return;
  const std::string command = sparkplug::rebirth_command(now_());
  for (const std::string& topic : std::exchange(births_wanted_, {}))
    client_->publish(topic, command, mqtt::Qos::at_most_once, mqtt::Retain::no);
}

std::string MqttReceiver::summary() const {
  if (settings_.shape.from != From::sparkplug) return {};
  const sparkplug::Host& nodes = shaper_.host();
  return fmt::format("gaps in sequence numbers: {}; messages without a birth: {}; commands and old deaths: {}",
                     nodes.gaps(), nodes.without_birth(), nodes.ignored());
}

void MqttReceiver::on_connected(mqtt::SessionFound session) {
  if (!keeps_state()) return;
  if (session == mqtt::SessionFound::yes) return redelivery_.connected();
  if (std::exchange(subscribed_, false))
    host_->log().warn(fmt::format(
        "the broker no longer has the session of '{}': messages sent while it was away are lost", broker_.client_id));
  inbox_->add(new_session_line);
  redelivery_.new_session();
  early_retained_.clear();
}

void MqttReceiver::on_subscribed() {
  if (!keeps_state() || std::exchange(subscribed_, true)) return;
  write_session();
  early_retained_.clear();
}

/// Of a payload over the limit, which is a reject, only the beginning is kept.
void MqttReceiver::on_message(const mqtt::Message& arrived) {
  if (arrived.retained && settings_.no_retained) return;
  mqtt::Message message = arrived;
  message.payload = arrived.payload.substr(0, settings_.shape.max_line);
  if (keeps_state() && comes_again(message)) return;
  line_.clear();
  const bool whole = message.payload.size() == arrived.payload.size();
  append_message_line(line_, message, whole ? Payload::whole : Payload::beginning, now_());
  inbox_->add(line_);
  received_bytes_ += line_.size();
}

/// With --state: whether the message was stored before. A new message is remembered.
bool MqttReceiver::comes_again(const mqtt::Message& message) {
  const std::uint64_t hash = hash_of(message);
  if (message.qos == mqtt::Qos::at_most_once) {
    if (!message.retained && !std::exchange(qos0_reported_, true))
      host_->log().warn(fmt::format(
          "{} has messages of QoS 0: those in flight at a crash, or sent while this client is away, are lost",
          message.topic));
  } else if (redelivery_.comes_again(message.id, hash)) {
    return true;
  }
  if (!subscribed_ && message.retained && early_retained_.contains(hash)) return true;
  remember(message, hash);
  return false;
}

}  // namespace weir::mqtt_sub
