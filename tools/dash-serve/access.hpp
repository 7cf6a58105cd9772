// Who may look, and from where.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_server/message.hpp"

namespace weir::dash_serve {

/// Passwords, tokens, and the checks that keep other pages out.
class Access {
 public:
  struct Settings {
    /// `name:password` for basic, a word without a colon for bearer; empty: everyone may look.
    std::vector<std::string> secrets{};
    std::string public_url{};  ///< as `https://dash.example.org`, where a proxy stands before us; may be empty
    /// Bound to this machine alone: then a request must name it so, or a page elsewhere could reach us by a name of its
    /// own that it lets point here (DNS rebinding).
    bool loopback = true;
  };

  explicit Access(Settings settings);

  bool is_open() const { return settings_.secrets.empty(); }
  /// Whether the request bears one of the secrets. Takes as long for a nearly right one as for any other.
  bool knows(const web::Request& request) const;
  /// Whether the Host header is one of ours.
  bool is_our_host(const web::Request& request) const;
  /// Whether the request comes from our own page. `otherwise` says what a request without an Origin counts as, which
  /// comes from no page.
  enum class WithoutOrigin : std::uint8_t { allow, refuse };
  bool is_our_origin(const web::Request& request, WithoutOrigin otherwise) const;

 private:
  Settings settings_;
  std::string public_host_;
};

}  // namespace weir::dash_serve
