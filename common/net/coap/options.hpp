// The options of a CoAP server: address and access. For main.cpp alone, as the room itself knows no options.
#pragma once
#include <string>
#include <vector>

#include "cli/environment.hpp"
#include "cli/listen_address.hpp"
#include "cli/net_options.hpp"
#include "net/coap/server.hpp"

namespace weir::coap {

/// Where a server listens and who may send. Tools declare the parts in the order of their help.
struct ServerOptions : cli::ListenOptions {
  std::string psk_file;
  cli::NetOptions net;
  std::uint64_t max_clients = 1000;

  ServerOptions() { listen = "127.0.0.1:5683"; }

  void define_access(cli::App& app) {
    app.option("--psk-file", psk_file,
               "File of devices, one IDENTITY:KEY a line, for DTLS; others must not be able to read it")
        .file()
        .may_change();
    net.define_insecure(app, "other machines without DTLS");
  }

  void define_limits(cli::App& app) {
    app.option("--max-clients", max_clients, "Most senders that are remembered without a request under way")
        .at_least(1)
        .at_most(1'000'000)
        .may_change();
  }

  /// Checks what belongs together; throws UsageError.
  void validate() const {
    if (!is_local() && !net.insecure && psk_file.empty())
      throw cli::UsageError("--listen: other machines need DTLS: --psk-file (or --insecure)");
  }

  /// Reads the keys of --psk-file. Throws cli::UsageError when others can read it, or a line has no key.
  Settings settings() const {
    Settings made;
    place(made);
    made.sessions = max_clients;
    if (psk_file.empty()) return made;
    std::size_t number = 0;
    for (const std::string& line : cli::read_secret_lines(psk_file)) {
      ++number;
      const auto colon = line.find(':');
      if (colon == std::string::npos || colon == 0 || colon + 1 == line.size())
        throw cli::UsageError("--psk-file: device " + std::to_string(number) + " is not IDENTITY:KEY");
      made.keys.push_back({line.substr(0, colon), line.substr(colon + 1)});
    }
    if (made.keys.empty()) throw cli::UsageError("--psk-file: the file has no device");
    return made;
  }
};

}  // namespace weir::coap
