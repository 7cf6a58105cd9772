// The options that name a Redis server; for main.cpp alone, as the room itself knows no options.
#pragma once
#include <fmt/format.h>

#include <optional>
#include <string>

#include "cli/net_options.hpp"
#include "net/host.hpp"
#include "net/redis/settings.hpp"

namespace weir::redis {

/// The options of group "Server".
struct Options {
  std::string host = "localhost";
  std::uint64_t port = 6379;
  std::uint64_t database = 0;
  std::optional<Duration> retry_for;
  cli::NetOptions net;

  void define(cli::App& app) {
    net.user = "default";
    app.group("Server");
    app.option("--host", host, "Name or address of the server").env("REDIS_HOST").may_change();
    app.option("--port", port, "The server's port").env("REDIS_PORT").at_least(1).at_most(65535).may_change();
    app.option("--db", database, "Number of the database").env("REDIS_DB").at_most(1'000'000);
    net.define_login(app, "REDIS_");
    net.define_tls(app, "server");
    net.define_ca_file(app, "server");
    net.define_certificate(app);
    net.define_insecure(app, "plain text to another machine; with TLS, a server that is not verified");
    cli::define_retry_for(app, retry_for, "server", "without it, 30s at the first start, later for ever");
  }

  /// Checks the options together; throws cli::UsageError.
  void validate() const {
    if (host.empty()) throw cli::UsageError("--host is empty");
    net.validate();
    if (!net.encrypted() && !net.insecure && !net::is_this_machine(host))
      throw cli::UsageError(
          fmt::format("--host {} is another machine, and plain text is not safe on the way there: give --tls or "
                      "--cafile, or --insecure to allow it",
                      host));
  }

  /// The room's settings, with the password of --password-file or REDIS_PASSWORD. Warns of what --insecure exposes.
  /// Throws cli::UsageError when the secret cannot be used.
  Settings settings(cli::Context& context) const {
    Settings made{host, static_cast<int>(port), database, net.user, net.password(context, "REDIS_"), std::nullopt};
    if (net.encrypted()) {
      made.tls = Tls{net.ca_file, net.cert, net.key, !net.insecure};
      if (net.insecure)
        context.log.warn(fmt::format("--insecure: {} is not verified, it may be another machine than it claims", host));
    } else if (!net::is_this_machine(host)) {
      context.log.warn(fmt::format("--insecure: plain text to {}, others can read and change it on the way", host));
    }
    return made;
  }
};

}  // namespace weir::redis
