// The options of a CoAP server: address and access. For main.cpp alone, as the room itself knows no options.
#pragma once
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/app.hpp"
#include "cli/environment.hpp"
#include "cli/listen_address.hpp"
#include "net/coap/server.hpp"
#include "net/host.hpp"

namespace weir::coap {

/// Where a server listens and who may send. Tools declare the parts in the order of their help.
struct ServerOptions {
  std::string listen = "127.0.0.1:5683";
  std::string psk_file;
  bool insecure = false;
  std::uint64_t max_clients = 1000;

  void define_address(cli::App& app) { cli::define_listen(app, listen); }

  void define_access(cli::App& app) {
    app.option("--psk-file", psk_file,
               "File of devices, one IDENTITY:KEY a line, for DTLS; others must not be able to read it")
        .file()
        .may_change();
    app.flag("--insecure", insecure, "Allow other machines without DTLS").may_change();
  }

  void define_limits(cli::App& app) {
    app.option("--max-clients", max_clients, "Most senders that are remembered without a request under way")
        .at_least(1)
        .at_most(1'000'000)
        .may_change();
  }

  /// Checks what belongs together; throws UsageError.
  void validate() const {
    const auto [address, port] = cli::address_and_port(listen);
    if (!net::is_this_machine(address) && !insecure && psk_file.empty())
      throw cli::UsageError("--listen: other machines need DTLS: --psk-file (or --insecure)");
  }

  /// Reads the keys of --psk-file. Throws cli::UsageError when others can read it, or a line has no key.
  Settings settings() const {
    Settings made;
    std::tie(made.address, made.port) = cli::address_and_port(listen);
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
