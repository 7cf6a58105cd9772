// The options of a server: address, access and limits. For main.cpp alone, as the room itself knows no options.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "cli/listen_address.hpp"
#include "cli/net_options.hpp"
#include "net/http_server/server.hpp"

namespace weir::web {

/// Where a server listens, who may ask, and how much. Tools declare the parts in the order of their help.
struct ServerOptions : cli::ListenOptions {
  std::string auth_file;
  cli::NetOptions net;
  std::uint64_t max_clients = 1000, max_requests = 50;
  std::optional<std::uint64_t> max_per_address;

  static constexpr std::uint64_t least_per_address = 16;

  ServerOptions() { listen = "127.0.0.1:8080"; }

  /// `--auth-file`, `--cert`, `--key` and `--insecure`.
  void define_access(cli::App& app) {
    app.option("--auth-file", auth_file,
               "File of users, one NAME:PASSWORD (basic) or TOKEN (bearer) a line; others must not be able to read it")
        .file()
        .may_change();
    net.define_certificate(app);
    net.define_insecure(app, "other machines without TLS, or without passwords");
  }

  void define_limits(cli::App& app) {
    app.option("--max-clients", max_clients, "Most connections at a time").at_least(1).at_most(1'000'000).may_change();
    app.option("--max-per-address", max_per_address, "Most connections from one address at a time")
        .at_least(1)
        .at_most(1'000'000)
        .default_text("a quarter of --max-clients, 16 at least")
        .may_change();
    app.option("--max-requests", max_requests, "Most requests a second from one address; eight times as many at once")
        .at_least(1)
        .at_most(1'000'000)
        .may_change();
  }

  /// Checks what belongs together; throws UsageError. `known`: clients are known by other means than --auth-file.
  void validate(bool known = false) const {
    if (!is_local() && !net.insecure) {
      if (auth_file.empty() && !known)
        throw cli::UsageError("--listen: other machines need a password: --auth-file (or --insecure)");
      if (net.cert.empty())
        throw cli::UsageError("--listen: other machines need TLS: --cert and --key (or --insecure)");
    }
    net.validate();
  }

  Settings settings() const {
    Settings made;
    place(made);
    made.certificate = net.cert;
    made.key = net.key;
    made.limits.clients = max_clients;
    made.limits.clients_of_address =
        max_per_address.value_or(std::min(max_clients, std::max<std::uint64_t>(least_per_address, max_clients / 4)));
    made.limits.requests_per_second = static_cast<double>(max_requests);
    made.limits.requests_at_once = 8 * made.limits.requests_per_second;
    return made;
  }

  /// Reads the secrets of --auth-file. Throws cli::UsageError when others can read it.
  std::vector<std::string> secrets() const {
    std::vector<std::string> made;
    if (!auth_file.empty()) made = cli::read_secret_lines(auth_file);
    for (const std::string& secret : made)
      if (secret.ends_with(':') && secret.find(':') + 1 == secret.size())
        throw cli::UsageError("--auth-file: a NAME has no PASSWORD after its colon");
    return made;
  }
};

}  // namespace weir::web
