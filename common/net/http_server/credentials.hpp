// Who may ask: names and passwords, tokens, and signatures of bodies.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "net/http_server/message.hpp"

namespace weir::web {

/// The secrets of those who may ask.
class Logins {
 public:
  /// `NAME:PASSWORD` for basic, a token without a colon for bearer; none: everybody may ask.
  explicit Logins(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {}

  bool open() const { return secrets_.empty(); }
  /// Whether the request has one of the secrets, compared in a time that depends on the given text's length alone.
  bool know(const Request& request) const;

 private:
  std::vector<std::string> secrets_;
};

/// Whether `given` is the HMAC-SHA256 of `body` under `secret`, in hexadecimal digits with or without `sha256=` before
/// them, as GitHub and many gateways sign.
bool is_signature(std::string_view given, std::string_view secret, std::string_view body);

/// 128 bits of the SHA-256 of a text, in 32 hexadecimal digits.
std::string digest(std::string_view text);

}  // namespace weir::web
