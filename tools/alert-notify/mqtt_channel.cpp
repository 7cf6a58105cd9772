// Messages to an MQTT broker.
#include <fmt/format.h>

#include <array>
#include <map>
#include <set>

#include "channel.hpp"
#include "net/host.hpp"
#include "net/mqtt/client.hpp"

namespace weir::alert_notify {
namespace {

using clock = std::chrono::steady_clock;

/// Keeps the last message of the connection for the history: the run's log belongs to another thread.
class LastWords : public Log {
 public:
  void info(std::string_view) override {}
  void warn(std::string_view message) override { text = message; }
  void error(std::string_view message) override { text = message; }
  std::string text;
};

mqtt::Settings broker_of(const ChannelSettings& settings) {
  const ChannelSpec& spec = settings.spec;
  mqtt::Settings broker;
  if (!spec.text("host").empty()) broker.host = spec.text("host");
  const bool tls = spec.flag("tls") || !spec.text("cafile").empty() || !spec.text("cert").empty();
  const auto port = spec.number("port");
  if (port && (*port < 1 || *port > 65535)) spec.fail("port is from 1 to 65535");
  broker.port = static_cast<int>(port.value_or(tls ? 8883 : 1883));
  broker.client_id = spec.text("client_id");
  broker.user = spec.text("user");
  if (!settings.secrets.password.empty()) broker.password = settings.secrets.password;
  if (tls)
    broker.tls = mqtt::Tls{spec.text("cafile"), "", spec.text("cert"), spec.text("key"), mqtt::Verify::certificate};
  if (!tls && !spec.flag("insecure") && !net::is_this_machine(broker.host))
    spec.fail(fmt::format(
        "{} is another machine, and plain text is not safe on the way there: give tls=true, or insecure=true",
        broker.host));
  if (spec.text("topic").empty()) spec.fail("give topic");
  return broker;
}

mqtt::Qos qos_of(const ChannelSpec& spec) {
  const auto qos = spec.number("qos").value_or(1);
  if (qos != 1 && qos != 2) spec.fail("qos is 1 or 2: an alert must be acknowledged");
  return qos == 2 ? mqtt::Qos::exactly_once : mqtt::Qos::at_least_once;
}

class MqttChannel : public Channel, private mqtt::Handler {
 public:
  MqttChannel(const ChannelSettings& settings, const Stop& stop)
      : broker_(broker_of(settings)),
        qos_(qos_of(settings.spec)),
        retain_(settings.spec.flag("retain") ? mqtt::Retain::yes : mqtt::Retain::no),
        timeout_(settings.spec.duration("timeout").value_or(std::chrono::seconds(15))),
        stop_(stop) {}

  Sent send(const Message& message) override {
    try {
      return attempt(message);
    } catch (const mqtt::Refused& problem) {
      client_.reset();
      in_flight_.clear();
      return {Sent::Outcome::later, brief_text(problem.what()), {}, true};
    }
  }

 private:
  Sent attempt(const Message& message) {
    using Outcome = Sent::Outcome;
    if (!client_) {
      mqtt::Handler& handler = *this;
      client_ = std::make_unique<mqtt::Client>(broker_, handler, words_);
    }
    if (!mqtt::is_topic(message.target))
      return {Outcome::refused, "MQTT cannot carry it: the topic is not UTF-8, or too long", {}, false};
    const auto deadline = clock::now() + timeout_;
    for (;;) {
      if (delivered_.erase(message.id) > 0) return {Outcome::delivered, "the broker has acknowledged it", {}, false};
      if (const auto found = refused_.find(message.id); found != refused_.end()) {
        const std::string reason = found->second;
        refused_.erase(found);
        return {Outcome::refused, reason, {}, false};
      }
      if (stop_.asked()) return {Outcome::stopped, {}, {}, false};
      const bool is_under_way = is_in_flight(message.id);
      if (!is_under_way && client_->connected()) {
        try {
          in_flight_[client_->publish(message.target, message.body, qos_, retain_)] = message.id;
        } catch (const std::invalid_argument& problem) {
          return {Outcome::refused, fmt::format("MQTT cannot carry it: {}", problem.what()), {}, false};
        }
        client_->flush();
        continue;
      }
      // What is under way the connection sends again by itself; the next attempt goes on waiting for it.
      if (clock::now() >= deadline)
        return {is_under_way ? Outcome::uncertain : Outcome::later,
                words_.text.empty() ? "no answer from the broker" : brief_text(words_.text),
                {},
                true};
      std::array<pollfd, 1> also{{{stop_.fd(), POLLIN, 0}}};
      client_->wait(also, std::chrono::milliseconds(200));
      client_->read(100);
    }
  }

  bool is_in_flight(const std::string& id) const {
    for (const auto& [number, each] : in_flight_)
      if (each == id) return true;
    return false;
  }
  void on_delivered(mqtt::MessageId number) override {
    const auto found = in_flight_.find(number);
    if (found == in_flight_.end()) return;
    delivered_.insert(found->second);
    in_flight_.erase(found);
  }
  void on_refused(mqtt::MessageId number, std::string_view reason) override {
    const auto found = in_flight_.find(number);
    if (found == in_flight_.end()) return;
    refused_[found->second] = fmt::format("the broker refuses it: {}", reason);
    in_flight_.erase(found);
  }

  mqtt::Settings broker_;
  mqtt::Qos qos_;
  mqtt::Retain retain_;
  Duration timeout_;
  const Stop& stop_;
  LastWords words_;
  std::unique_ptr<mqtt::Client> client_;
  std::map<mqtt::MessageId, std::string> in_flight_;
  std::set<std::string> delivered_;
  std::map<std::string, std::string> refused_;
};

}  // namespace

std::unique_ptr<Channel> make_mqtt(const ChannelSettings& settings, const Stop& stop) {
  return std::make_unique<MqttChannel>(settings, stop);
}

}  // namespace weir::alert_notify
