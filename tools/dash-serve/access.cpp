#include "access.hpp"

#include "net/host.hpp"

namespace weir::dash_serve {
namespace {

/// Compares in a time that depends on the given text's length alone.
bool is_equal(std::string_view given, std::string_view secret) {
  unsigned different = given.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i)
    different |= static_cast<unsigned char>(given[i]) ^
                 static_cast<unsigned char>(secret.empty() ? 0 : secret[i % secret.size()]);
  return different == 0;
}

std::string_view after(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return {};
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c != prefix[i]) return {};
  }
  return text.substr(prefix.size());
}

/// The host of a URL: `https://a.example:8443/x` → `a.example:8443`.
std::string_view authority_of(std::string_view url) {
  const auto begin = url.find("://");
  if (begin == std::string_view::npos) return {};
  url.remove_prefix(begin + 3);
  return url.substr(0, url.find('/'));
}

}  // namespace

Access::Access(Settings settings)
    : settings_(std::move(settings)), public_host_(web::host_of(authority_of(settings_.public_url))) {}

bool Access::knows(const web::Request& request) const {
  if (is_open()) return true;
  const auto header = request.header("authorization");
  if (!header) return false;
  std::string given;
  bool bearer = false;
  if (const auto basic = after(*header, "basic "); !basic.empty()) {
    given = web::decode_base64(basic).value_or("");
  } else if (const auto token = after(*header, "bearer "); !token.empty()) {
    given = token;
    bearer = true;
  }
  bool known = false;
  for (const std::string& secret : settings_.secrets) {
    const bool is_token = secret.find(':') == std::string::npos;
    if (is_token == bearer && is_equal(given, secret)) known = true;
  }
  return known;
}

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
