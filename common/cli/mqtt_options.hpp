// How a tool is told which MQTT broker to talk to; alike in every tool that does.
#pragma once
#include <string>

#include "cli/app.hpp"
#include "net/mqtt/settings.hpp"

namespace weir::cli {

enum class MqttRole : std::uint8_t { publisher, subscriber };

struct MqttOptions {
  std::string host = "localhost";
  std::optional<std::uint64_t> port;
  mqtt::Protocol protocol = mqtt::Protocol::v3_1_1;
  mqtt::Qos qos = mqtt::Qos::at_least_once;
  std::optional<std::uint64_t> in_flight;
  Duration keepalive = std::chrono::seconds(60);
  std::optional<Duration> give_up;
  std::string client_id;
  std::string user;
  std::string password_file;
  bool tls = false;
  std::string ca_file;
  std::string ca_path;
  std::string cert;
  std::string key;
  bool insecure = false;

  void define(App& app, MqttRole role);

  /// Looks at the options together; throws UsageError.
  void validate() const;

  /// What they come to, the password from --password-file or MQTT_PASSWORD with it, which is concealed in all messages.
  /// Warns of what
  /// --insecure leaves open. Throws UsageError when the secret cannot be used.
  mqtt::Settings settings(Context& context) const;

 private:
  bool encrypted() const { return tls || !ca_file.empty() || !ca_path.empty() || !cert.empty(); }
};

}  // namespace weir::cli
