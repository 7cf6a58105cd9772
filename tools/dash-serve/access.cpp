#include "access.hpp"

#include "net/host.hpp"

namespace weir::dash_serve {
namespace {

/// The host of a URL: `https://a.example:8443/x` → `a.example:8443`.
std::string_view authority_of(std::string_view url) {
  const auto begin = url.find("://");
  if (begin == std::string_view::npos) return {};
  url.remove_prefix(begin + 3);
  return url.substr(0, url.find('/'));
}

}  // namespace

Access::Access(Settings settings)
    : settings_(std::move(settings)),
      logins_(settings_.secrets),
      public_host_(web::host_of(authority_of(settings_.public_url))) {}

bool Access::is_our_host(const web::Request& request) const {
  if (!settings_.loopback) return true;
  const std::string host = web::host_of(request.header("host").value_or(""));
  return net::is_this_machine(host) || (!public_host_.empty() && host == public_host_);
}

bool Access::is_our_origin(const web::Request& request, WithoutOrigin otherwise) const {
  const auto origin = request.header("origin");
  if (!origin) return otherwise == WithoutOrigin::allow;
  const std::string_view from = authority_of(*origin);
  if (from.empty()) return false;
  return from == request.header("host").value_or("") || from == authority_of(settings_.public_url);
}

}  // namespace weir::dash_serve
