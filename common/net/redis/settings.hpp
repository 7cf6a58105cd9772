// Which Redis server, and how to come to it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "time/time_types.hpp"

namespace weir::redis {

/// How the connection is encrypted and the server verified. Files are PEM; empty ones are not used.
struct Tls {
  std::string ca_file;  ///< empty: the system's certificates
  std::string cert_file;
  std::string key_file;
  bool verifies = true;  ///< the server's certificate and name
};

struct Settings {
  std::string host = "localhost";
  int port = 6379;
  std::uint64_t database = 0;
  std::string user = "default";
  std::optional<std::string> password;  ///< nothing: no login
  std::optional<Tls> tls;
};

}  // namespace weir::redis
