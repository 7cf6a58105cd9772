// Access control: who may read the page, and from which origin.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_server/credentials.hpp"

namespace weir::dash_serve {

/// Passwords, tokens, and the checks against requests from other pages.
class Access {
 public:
  struct Settings {
    /// `name:password` for basic, a token without a colon for bearer; empty: no login.
    std::vector<std::string> secrets{};
    std::string public_url{};  ///< such as `https://dash.example.org`, behind a proxy; may be empty
    /// Bound to the loopback interface only. Requests must then name it as the host, as a page elsewhere could reach us
    /// by a name that it resolves to this machine (DNS rebinding).
    bool loopback = true;
  };

  explicit Access(Settings settings);

  /// Whether the request has one of the secrets.
  bool knows(const web::Request& request) const { return logins_.know(request); }
  /// Whether the Host header names this server.
  bool is_our_host(const web::Request& request) const;
  /// Whether the request comes from our own page. `otherwise` decides about a request without an Origin header, which
  /// does not come from a page.
  enum class WithoutOrigin : std::uint8_t { allow, refuse };
  bool is_our_origin(const web::Request& request, WithoutOrigin otherwise) const;

 private:
  Settings settings_;
  web::Logins logins_;
  std::string public_host_;
};

}  // namespace weir::dash_serve
