// The source of mqtt-sub: a record for every message.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message_shaper.hpp"
#include "net/mqtt/client.hpp"
#include "pipeline/sink.hpp"
#include "pipeline/source.hpp"

namespace weir::mqtt_sub {

enum class Retained : std::uint8_t { taken, left_out };

struct SubscribeSettings {
  std::vector<std::string> filters;
  mqtt::Qos qos = mqtt::Qos::at_least_once;
  std::optional<std::uint64_t> count;  ///< ends after so many records
  Retained retained = Retained::taken;
  Shape shape;
};

/// What the source needs from the run around it.
struct Surroundings {
  RejectLog& rejects;
  std::function<void()> keep_rejects;  ///< writes rejects out, before their messages are acknowledged
  Log& log;
  std::function<Time()> now;  ///< the time of receipt
};

/// Subscribes and hands messages on. A message is acknowledged only after the skeleton has written its line: what is
/// acknowledged is in the pipe, and what is not comes again.
class MqttSub : public Source, private mqtt::Handler {
 public:
  MqttSub(SubscribeSettings settings, const mqtt::Settings& broker, Surroundings surroundings);

  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  void close(Output& out) override;

  /// After all lines have been written: acknowledges the last and disconnects.
  void farewell();

 private:
  void on_message(const mqtt::Message& message) override;
  bool complete() const { return settings_.count && written_ >= *settings_.count; }
  void acknowledge();

  SubscribeSettings settings_;
  Surroundings around_;
  MessageShaper shaper_;
  mqtt::Client client_;
  std::string lines_;
  std::uint64_t messages_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t surplus_ = 0;  ///< arrived after the last that was wanted; must not be acknowledged
  bool unacknowledged_ = false;
  bool more_ = false;  ///< the last reading stopped before all was taken
};

}  // namespace weir::mqtt_sub
