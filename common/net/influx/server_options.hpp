// Which InfluxDB server a tool talks to, as which user, by which calls.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "cli/net_options.hpp"
#include "influx/precision.hpp"
#include "net/influx/access.hpp"

namespace weir::influx {

/// The options of a server. One name and one meaning in all tools that use one.
struct ServerOptions {
  std::string url = "http://localhost:8086";
  std::string org;
  std::string bucket;
  std::string database;
  std::string retention_policy;
  std::optional<Version> version;  ///< set after validate()
  cli::NetOptions net;

  /// Declares --url to --insecure, in a group of their own.
  void define(cli::App& app);
  /// Checks what belongs together and settles the version; throws cli::UsageError.
  void validate();

  /// The URL of a call of the server, such as `/write`.
  std::string call(std::string_view path) const;
  /// Appends the database to a query of a URL, of version 1 with its retention policy.
  void add_database(std::string& made) const;
  /// The URL of the write call, for points with times in this unit.
  std::string write_url(EpochUnit precision) const;

  /// Reads the secrets, which no message shows. `tool` is the name for the server's log.
  Access access(const cli::Context& context, std::string_view tool) const;
};

}  // namespace weir::influx
