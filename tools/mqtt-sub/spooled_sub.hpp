// The source of mqtt-sub with --state: messages are on disk before the broker is told that they have come.
#pragma once
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "message_line.hpp"
#include "message_shaper.hpp"
#include "mqtt_sub.hpp"
#include "net/mqtt/client.hpp"
#include "pipeline/source.hpp"
#include "redelivery.hpp"
#include "state/spool.hpp"

namespace weir::mqtt_sub {

/// Subscribes at QoS 1 in a session that the broker keeps, and writes each message into a spool before it is
/// acknowledged. Records are made from the spool, and the place in it is the state: a run that goes on makes the same
/// ones again, rejects included.
class SpooledSub : public Source, private mqtt::Handler {
 public:
  using Now = std::function<Time()>;

  /// Without a client id in `broker` one is made up and kept with the state.
  SpooledSub(SubscribeSettings settings, mqtt::Settings broker, state::SpoolLimits limits, Log& log, Now now);

  void start(RejectLog& rejects) override { rejects_ = &rejects; }
  void open_state(const std::string& folder) override;
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  void snapshot(SnapshotWriter& to) override;
  void restore(SnapshotReader& from) override;
  void committed(std::uint64_t snapshots) override;
  std::string place() const override { return "message " + std::to_string(messages_); }

  /// Acknowledges what is stored and disconnects.
  void farewell();

 private:
  void on_message(const mqtt::Message& message) override;
  void on_connected(mqtt::SessionFound session) override;
  void on_subscribed() override;
  void look_back();
  void remember(const mqtt::Message& message, std::uint64_t hash);
  void keep_session() const;
  void store();
  void receive();
  void make_record(std::string_view line, Output& out);
  bool complete() const { return settings_.count && written_ >= *settings_.count; }

  SubscribeSettings settings_;
  mqtt::Settings broker_;
  state::SpoolLimits limits_;
  Log& log_;
  Now now_;
  MessageShaper shaper_;
  RejectLog* rejects_ = nullptr;

  std::optional<state::Spool> spool_;
  std::optional<mqtt::Client> client_;
  std::string session_file_;
  bool subscribed_ = false;  ///< the broker's session has the subscriptions
  Redelivery redelivery_;
  std::set<std::uint64_t> early_retained_;  ///< stored before it was known that the subscriptions were made
  std::string line_;
  MessageLine stored_;
  std::deque<state::SpoolPlace> places_;  ///< of the snapshots that are not committed
  std::uint64_t messages_ = 0;
  std::uint64_t written_ = 0;
  bool restored_ = false;
  bool more_ = false;  ///< the last reading stopped before all was taken
  bool full_reported_ = false;
  bool qos0_reported_ = false;
};

}  // namespace weir::mqtt_sub
