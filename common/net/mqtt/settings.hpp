// How to reach an MQTT broker, without libmosquitto's header.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace weir::mqtt {

enum class Protocol : std::uint8_t { v3_1_1, v5 };

/// Quality of service: how hard a message is tried.
enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

enum class Retain : std::uint8_t { no, yes };

/// What the broker remembers of a client that is away.
enum class Session : std::uint8_t {
  clean,      ///< nothing
  this_run,   ///< what is unfinished while this client reconnects; forgotten when it says goodbye
  persistent  ///< subscriptions and what came for them, until the same client id comes back
};

/// What of an encrypted connection is checked.
enum class Verify : std::uint8_t { certificate, nothing };

struct Tls {
  std::string ca_file;  ///< PEM; empty with an empty ca_path: the system's certificates
  std::string ca_path;
  std::string cert_file;  ///< this client's own, PEM; empty: none
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
  /// QoS 1 and 2 messages on their way to the broker at once; 1 to 65,535.
  int in_flight = 100;
  /// The run fails when the broker cannot be reached for this long; without it, it is retried for ever.
  std::optional<std::chrono::nanoseconds> retry_for;
};

/// True when the bytes can name a topic that is published to: 1 to 65,535 bytes of UTF-8 without NUL, `+` and `#`.
bool is_topic(const std::string& topic);

/// True when the bytes can be subscribed to: a topic in which `+` may stand for a level and `#` for the rest.
bool is_topic_filter(const std::string& filter);

}  // namespace weir::mqtt
