// Brokers: whether they let this client in, how far a group is behind, and whether a canary comes back.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "net/kafka/consumer.hpp"
#include "net/mqtt/client.hpp"
#include "probes.hpp"
#include "record/log.hpp"
#include "time/duration.hpp"
#include "time/timestamp.hpp"

namespace weir::pipe_health {
namespace {

/// Keeps the last message of a library, which tells why there is no answer.
class LastMessage : public Log {
 public:
  void info(std::string_view) override {}
  void warn(std::string_view message) override { note(message); }
  void error(std::string_view message) override { note(message); }
  /// Throws once the time is over, with what was reported.
  void check(const Deadline& deadline) const {
    if (deadline.is_over() && !text_.empty()) throw TimeIsUp(text_);
    deadline.check();
  }
  const std::string& text() const { return text_; }

 private:
  /// A check does not try again.
  void note(std::string_view message) {
    constexpr std::string_view words = "; trying again";
    text_ = message;
    if (const std::size_t at = text_.find(words); at != std::string::npos) text_.erase(at, words.size());
  }
  std::string text_;
};

std::chrono::system_clock::time_point now() { return std::chrono::system_clock::now(); }

// --- MQTT ------------------------------------------------------------------------------------------------------------

/// Waits for the message that has the canary's own id in it.
class Canary : public mqtt::Handler {
 public:
  explicit Canary(std::string id) : id_(std::move(id)) {}
  void on_message(const mqtt::Message& message) override {
    back_ = back_ || message.payload.find(id_) != std::string_view::npos;
  }
  bool is_back() const { return back_; }
  const std::string& id() const { return id_; }

 private:
  std::string id_;
  bool back_ = false;
};

std::string new_id() {
  static std::atomic<unsigned> number = 0;
  return fmt::format("canary-{}-{}-{}", ::getpid(), now().time_since_epoch().count(), ++number);
}

Result ask_mqtt(const mqtt::Settings& settings, const Target& target, const Deadline& deadline) {
  LastMessage log;
  Canary canary(new_id());
  mqtt::Client client(settings, canary, log);
  const std::string& back = target.back.empty() ? target.path : target.back;
  if (!target.path.empty()) client.subscribe({back}, mqtt::Qos::at_least_once);
  const auto turn = [&] {
    log.check(deadline);
    client.wait({}, std::min(deadline.left(), std::chrono::milliseconds(100)));
    while (client.read(1 << 16)) continue;
  };
  while (!client.connected()) {
    turn();
    if (!client.connected() && log.text().starts_with("cannot reach ")) throw std::runtime_error(log.text());
  }
  Result result{.healthy = true};
  if (!target.path.empty()) {
    const auto sent = std::chrono::steady_clock::now();
    const std::string payload = fmt::format(R"({{"canary":"{}","timestamp":"{}"}})", canary.id(),
                                            format_time(std::chrono::floor<Duration>(now())));
    client.publish(target.path, payload, mqtt::Qos::at_least_once, mqtt::Retain::no);
    while (!canary.is_back()) {
      if (deadline.is_over())
        throw TimeIsUp(fmt::format(
            "the canary sent to {} did not come back at {} within {} (--timeout): does the pipe between run?",
            target.path, back, format_duration(deadline.limit())));
      turn();
    }
    result.round_trip_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - sent).count();
  }
  client.disconnect();
  return result;
}

Probe mqtt_probe(const Target& target, const Access& access) {
  mqtt::Settings settings;
  settings.host = target.host;
  settings.port = target.port;
  settings.user = target.user;
  settings.password = access.password;
  if (target.security == Security::tls)
    settings.tls = mqtt::Tls{access.ca_file,
                             {},
                             access.cert_file,
                             access.key_file,
                             access.verify == Verify::nothing ? mqtt::Verify::nothing : mqtt::Verify::certificate};
  if (!target.path.empty() && !mqtt::is_topic(target.path))
    throw std::invalid_argument(fmt::format("--check {}: '{}' is not a topic", target.name, target.path));
  if (!target.back.empty() && !mqtt::is_topic_filter(target.back))
    throw std::invalid_argument(fmt::format("--check {}: '{}' cannot be subscribed to", target.name, target.back));
  return [settings, target](const Deadline& deadline) { return ask_mqtt(settings, target, deadline); };
}

// --- Kafka -----------------------------------------------------------------------------------------------------------

/// Reads on where a group is, until each partition has a message or has none.
class Unread : public kafka::ConsumerHandler {
 public:
  explicit Unread(kafka::Offsets behind) : behind_(std::move(behind)) {}
  kafka::Taken on_message(const kafka::ReceivedMessage& message) override {
    if (behind_.erase({std::string(message.topic), message.partition}) == 0) return kafka::Taken::yes;
    if (message.timestamp_ms >= 0 && (!oldest_ms_ || message.timestamp_ms < *oldest_ms_))
      oldest_ms_ = message.timestamp_ms;
    still_behind_.push_back({std::string(message.topic), message.partition});
    return kafka::Taken::yes;
  }
  void on_end(std::string_view topic, int partition, std::int64_t) override {
    behind_.erase({std::string(topic), partition});
  }
  void on_out_of_range(std::string_view topic, int partition) override {
    throw std::runtime_error(fmt::format("{}, partition {}: messages that are unread are gone", topic, partition));
  }
  bool is_done() const { return behind_.empty(); }
  const std::vector<kafka::Partition>& still_behind() const { return still_behind_; }
  std::optional<std::int64_t> oldest_ms() const { return oldest_ms_; }

 private:
  kafka::Offsets behind_;
  std::vector<kafka::Partition> still_behind_;
  std::optional<std::int64_t> oldest_ms_;
};

/// Asks again until the brokers answer or the time is over.
template <typename Call>
auto answer_of(const LastMessage& log, const Deadline& deadline, Call call) {
  for (;;) {
    if (auto answer = call()) return std::move(*answer);
    log.check(deadline);
  }
}

/// How far a group is behind the last message that a reader of committed ones can see. The end of a partition counts
/// the marks of transactions, too, so a difference of offsets alone would never be 0 there: what is left is read.
void measure_lag(kafka::Consumer& consumer, const std::vector<kafka::Partition>& partitions, const LastMessage& log,
                 const Deadline& deadline, Result& result) {
  const kafka::Offsets committed = answer_of(log, deadline, [&] { return consumer.committed(partitions); });
  kafka::Offsets behind;
  std::map<kafka::Partition, std::uint64_t> counts;
  for (const kafka::Partition& each : partitions) {
    const auto [begin, end] = answer_of(log, deadline, [&] { return consumer.limits(each); });
    const auto found = committed.find(each);
    const std::int64_t from = found == committed.end() ? begin : std::max(begin, found->second);
    if (from >= end) continue;
    behind[each] = from;
    counts[each] = static_cast<std::uint64_t>(end - from);
  }
  result.behind = 0;
  result.lag_s = 0;
  if (behind.empty()) return;
  Unread unread(behind);
  consumer.assign(behind);
  while (!unread.is_done()) {
    log.check(deadline);
    consumer.wait({}, std::min(deadline.left(), std::chrono::milliseconds(100)));
    consumer.read(1000, unread);
  }
  for (const kafka::Partition& each : unread.still_behind()) *result.behind += counts[each];
  if (unread.oldest_ms()) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now().time_since_epoch()).count();
    result.lag_s = std::max(0.0, static_cast<double>(ms - *unread.oldest_ms()) / 1000);
  }
}

Result ask_kafka(const kafka::Consumer::Settings& settings, const Target& target, std::optional<Duration> max_lag,
                 const Deadline& deadline) {
  LastMessage log;
  kafka::Consumer consumer(settings, log);
  const auto partitions = answer_of(log, deadline, [&] {
    return consumer.partitions([&](const std::string& topic) { return topic == target.path; });
  });
  Result result{.healthy = true};
  if (target.path.empty()) return result;
  if (partitions.empty()) {
    result.healthy = false;
    result.problem = fmt::format("there is no topic {}, or this user may not read it", target.path);
    return result;
  }
  if (target.group.empty()) return result;
  measure_lag(consumer, partitions, log, deadline, result);
  if (max_lag && *result.lag_s > std::chrono::duration<double>(*max_lag).count()) {
    result.healthy = false;
    result.problem =
        fmt::format("group {} is {:.0f} s behind, {} messages, more than {}: does its reader run, and keep pace?",
                    target.group, *result.lag_s, *result.behind, format_duration(*max_lag));
  } else if (target.max_behind && *result.behind > *target.max_behind) {
    result.healthy = false;
    result.problem = fmt::format("group {} is {} messages behind, more than {}: does its reader run, and keep pace?",
                                 target.group, *result.behind, *target.max_behind);
  }
  return result;
}

Probe kafka_probe(const Target& target, const Access& access) {
  kafka::Consumer::Settings settings;
  settings.connection.brokers = target.host;
  settings.connection.user = target.user;
  settings.connection.password = access.password;
  if (!target.user.empty()) settings.connection.sasl = target.sasl.empty() ? "SCRAM-SHA-512" : target.sasl;
  if (target.security == Security::tls)
    settings.connection.tls =
        kafka::Tls{access.ca_file, access.cert_file, access.key_file,
                   access.verify == Verify::nothing ? kafka::Verify::nothing : kafka::Verify::certificate};
  settings.group = target.group;
  const std::optional<Duration> max_lag = target.max_lag ? target.max_lag : access.max_lag;
  return
      [settings, target, max_lag](const Deadline& deadline) { return ask_kafka(settings, target, max_lag, deadline); };
}

}  // namespace

Probe make_broker_probe(const Target& target, const Access& access) {
  return target.kind == Kind::mqtt ? mqtt_probe(target, access) : kafka_probe(target, access);
}

}  // namespace weir::pipe_health
