// The options of the server: address, access and limits.
#pragma once
#include <optional>
#include <string>

#include "access.hpp"
#include "net/http_server/options.hpp"

namespace weir::dash_serve {

struct ServerOptions : web::ServerOptions {
  std::string public_url;
  std::optional<Duration> max_silence;
  std::uint64_t feed = 8 << 20;

  void define(cli::App& app) {
    app.group("Server");
    define_address(app);
    app.option("--public-url", public_url, "Address of the page behind a proxy").metavar("URL");
    define_access(app);
    define_limits(app);
    app.size("--feed", feed, "Memory for records that slow clients have not got yet").at_least(65'536);
    app.option("--max-silence", max_silence, "Report an input that is silent for longer as unhealthy (/healthz)");
  }

  web::Settings settings() const {
    web::Settings made = web::ServerOptions::settings();
    made.limits.feed = feed;
    return made;
  }

  /// Reads the secrets. Throws cli::UsageError when others can read their files.
  Access::Settings access() const { return {.secrets = secrets(), .public_url = public_url, .loopback = is_local()}; }
};

}  // namespace weir::dash_serve
