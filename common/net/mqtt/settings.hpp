// The settings of an MQTT connection, without libmosquitto's header.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace weir::mqtt {

enum class Protocol : std::uint8_t { v3_1_1, v5 };

/// The quality of service of a message.
enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

enum class Retain : std::uint8_t { no, yes };

/// The session that a broker keeps for a client that is away.
enum class Session : std::uint8_t {
  clean,      ///< none
  this_run,   ///< unacknowledged messages, while this client reconnects; dropped when it disconnects
  persistent  ///< subscriptions and the messages for them, until the same client id connects again
};

/// The checks of an encrypted connection.
enum class Verify : std::uint8_t { certificate, nothing };

struct Tls {
  std::string ca_file;  ///< PEM; empty with an empty ca_path: the system's certificates
  std::string ca_path;
  std::string cert_file;  ///< the client's own certificate, PEM; empty: none
  std::string key_file;
  Verify verify = Verify::certificate;
};

struct Settings {
  std::string host = "localhost";
  int port = 1883;
  Protocol protocol = Protocol::v3_1_1;
  std::chrono::seconds keepalive{60};
  std::string client_id;  ///< empty: a random one
  Session session = Session::clean;
  std::string user;  ///< empty: none
  std::optional<std::string> password;
  std::optional<Tls> tls;
  /// The limit of unacknowledged QoS 1 and 2 messages, 1 to 65,535.
  int in_flight = 100;
  /// The time after which the run fails when the broker cannot be reached; without it, retries never end.
  std::optional<std::chrono::nanoseconds> retry_for;
};

/// True when the bytes can name a topic that is published to: 1 to 65,535 bytes of UTF-8 without NUL, `+` and `#`.
bool is_topic(const std::string& topic);

/// True when the bytes can be subscribed to: a topic in which `+` may stand for a level and `#` for the rest.
bool is_topic_filter(const std::string& filter);

}  // namespace weir::mqtt
