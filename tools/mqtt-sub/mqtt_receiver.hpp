// mqtt-sub as a receiver: the connection to the broker, and records from its messages.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "message_line.hpp"
#include "message_shaper.hpp"
#include "net/mqtt/client.hpp"
#include "pipeline/spooled_source.hpp"
#include "redelivery.hpp"

namespace weir::mqtt_sub {

struct Settings {
  std::vector<std::string> filters;
  mqtt::Qos qos = mqtt::Qos::at_least_once;
  bool no_retained = false;  ///< leaves out retained messages
  Shape shape;
  bool rebirth = false;  ///< ask nodes of Sparkplug for births
  SpooledSettings spooled;
};

/// Subscribes. With --state the broker keeps the session, and the state folder keeps its client id.
class MqttReceiver : public Receiver, private mqtt::Handler {
 public:
  using Now = std::function<Time()>;

  /// `now` returns the time of receipt. With --state a client id is made up where `broker` has none.
  MqttReceiver(Settings settings, mqtt::Settings broker, Now now);

  void start(SourceHost& host, Inbox& inbox) override;
  void stored(std::string_view line) override;
  bool receive(std::uint64_t most) override;
  bool acknowledges() const override { return settings_.qos != mqtt::Qos::at_most_once; }
  void acknowledge() override { client_->flush(); }
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  Emitted emit(std::string_view line, std::uint64_t number, Output& out) override;
  void close() override { client_->disconnect(); }
  void state(StateArchive& archive) override {
    if (settings_.shape.from == From::sparkplug) archive.value(shaper_.host());
  }
  std::string summary() const override;

 private:
  void on_message(const mqtt::Message& message) override;
  void on_connected(mqtt::SessionFound session) override;
  void on_subscribed() override;
  bool keeps_state() const { return !session_file_.empty(); }
  void read_session(const std::string& folder);
  void write_session() const;
  void heed();
  void ask_for_births();
  bool comes_again(const mqtt::Message& message);
  void remember(const mqtt::Message& message, std::uint64_t hash);

  Settings settings_;
  mqtt::Settings broker_;
  Now now_;
  MessageShaper shaper_;
  SourceHost* host_ = nullptr;
  Inbox* inbox_ = nullptr;
  std::optional<mqtt::Client> client_;
  std::string line_;
  std::chrono::steady_clock::time_point last_wake_{};  ///< the end of the last wait()
  std::size_t received_bytes_ = 0;                     ///< in the call of receive() under way
  MessageLine message_line_;
  std::set<std::string> births_wanted_;  ///< topics of commands that are to be sent

  // Members used with --state only.
  std::string session_file_;
  bool subscribed_ = false;  ///< the broker's session has the subscriptions
  Redelivery redelivery_;
  std::set<std::uint64_t> early_retained_;  ///< hashes of messages stored before the broker accepted the subscriptions
  bool qos0_reported_ = false;
};

}  // namespace weir::mqtt_sub
