// What each request to an InfluxDB server has in common.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "net/http/client.hpp"

namespace weir::influx {

/// What each request to the server has in common.
struct Access {
  std::vector<std::string> headers;  ///< the token
  std::optional<http::Login> login;
  http::ClientOptions client;
};

}  // namespace weir::influx
