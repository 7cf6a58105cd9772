// What is checked: a name and a place, as --check gives them.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "time/time_types.hpp"

namespace weir::pipe_health {

enum class Kind : std::uint8_t { mqtt, kafka, redis, postgres, influx, smtp, http, state };
enum class Security : std::uint8_t { plain, tls };

/// `NAME=URL`, read. Nothing of it is a secret.
struct Target {
  std::string name;
  Kind kind = Kind::http;
  std::string url;  ///< of postgres and http as given, without what is meant for this program
  std::string user;
  std::string host;
  int port = 0;  ///< 0: the kind's usual one
  Security security = Security::plain;
  std::string path;  ///< without its slash: a topic, a database, a folder
  std::string group;
  std::string pipe;              ///< the pipeline whose row, or whose shards' rows, weir_epoch has
  std::string sasl;              ///< how the user logs in to Kafka; empty: the usual way
  std::string back;              ///< the topic at which a canary comes out
  std::optional<bool> starttls;  ///< of smtp: the connection must become TLS
  std::optional<Duration> max_age, max_lag;
  std::optional<std::uint64_t> max_behind;

  /// Where it is, for messages.
  std::string place() const;
  /// The variable of its own password: `MY_CACHE_PASSWORD` for my-cache.
  std::string password_variable() const;
};

/// Reads `NAME=URL`, or a URL, whose scheme is then the name. Throws std::invalid_argument with the reason, which
/// repeats no password.
Target parse_target(const std::string& text);

}  // namespace weir::pipe_health
