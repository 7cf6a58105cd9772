// The settings of a connection to Kafka, without librdkafka's header.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::kafka {

/// The time in which every broker learns of a new topic (topic.metadata.propagation.max.ms).
constexpr std::chrono::seconds propagation(30);

/// The checks of an encrypted connection.
enum class Verify : std::uint8_t { certificate, nothing };

struct Tls {
  std::string ca_file;    ///< PEM; empty: the system's certificates
  std::string cert_file;  ///< the client's own certificate, PEM; empty: none
  std::string key_file;
  Verify verify = Verify::certificate;
};

/// Properties of librdkafka by name.
using Properties = std::vector<std::pair<std::string, std::string>>;

/// How to reach the brokers.
struct Settings {
  std::string brokers;  ///< HOST:PORT,…
  std::optional<Tls> tls;
  std::string sasl;  ///< PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; empty: no login
  std::string user;
  std::optional<std::string> password;
  Properties properties;  ///< set last, so that they overrule what the room sets
  /// The time after which a run fails when no broker answers; without it, retries never end.
  std::optional<std::chrono::nanoseconds> retry_for;
};

/// Whether librdkafka knows the properties and takes their values, a producer's or a consumer's; `more` come before
/// those of the settings. Throws std::invalid_argument with its reason.
void check_properties(const Settings& settings, const Properties& more);

}  // namespace weir::kafka
