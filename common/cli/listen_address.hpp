// The address that a server listens on, as --listen has it.
#pragma once
#include <charconv>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

#include "cli/app.hpp"
#include "cli/errors.hpp"
#include "net/host.hpp"

namespace weir::cli {

/// Parses `127.0.0.1:8080` or `[::1]:8080`; throws UsageError.
inline std::pair<std::string, std::uint16_t> address_and_port(const std::string& text) {
  const auto colon = text.rfind(':');
  unsigned port = 65'536;
  if (colon != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc() || rest != end) port = 65'536;
  }
  if (port > 65'535) throw UsageError("--listen: expected ADDRESS:PORT, such as 127.0.0.1:8080");
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  return {address.empty() ? "0.0.0.0" : address, static_cast<std::uint16_t>(port)};
}

/// Where a server listens.
struct ListenOptions {
  std::string listen;

  /// `--listen`, as every server has it.
  void define_address(App& app) {
    app.option("--listen", listen, "Address and port to listen on; port 0 takes any free port")
        .metavar("ADDRESS:PORT")
        .may_change();
  }
  std::string address() const { return address_and_port(listen).first; }
  /// Whether only this machine can reach it.
  bool is_local() const { return net::is_this_machine(address()); }
  /// Gives a server's settings its address and port.
  template <typename Settings>
  void place(Settings& settings) const {
    std::tie(settings.address, settings.port) = address_and_port(listen);
  }
};

}  // namespace weir::cli
