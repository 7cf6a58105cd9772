#include "net/http_server/credentials.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace weir::web {
namespace {

/// Compares in a time that depends on the given text's length alone.
bool is_equal(std::string_view given, std::string_view secret) {
  unsigned different = given.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i)
    different |= static_cast<unsigned char>(given[i]) ^
                 static_cast<unsigned char>(secret.empty() ? 0 : secret[i % secret.size()]);
  return different == 0;
}

/// What follows a prefix in small letters, whatever the case of the text.
std::string_view after(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return {};
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c != prefix[i]) return {};
  }
  return text.substr(prefix.size());
}

std::string in_hex(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 15U];
  }
  return text;
}

}  // namespace

bool Logins::know(const Request& request) const {
  if (open()) return true;
  const auto header = request.header("authorization");
  if (!header) return false;
  std::string given;
  bool bearer = false;
  if (const auto basic = after(*header, "basic "); !basic.empty()) {
    given = decode_base64(basic).value_or("");
  } else if (const auto token = after(*header, "bearer "); !token.empty()) {
    given = token;
    bearer = true;
  } else if (const auto influx = after(*header, "token "); !influx.empty()) {
    given = influx;  // as clients of InfluxDB send it
    bearer = true;
  }
  bool known = false;
  for (const std::string& secret : secrets_) {
    const bool is_token = secret.find(':') == std::string::npos;
    if (is_token == bearer && is_equal(given, secret)) known = true;
  }
  return known;
}

bool is_signature(std::string_view given, std::string_view secret, std::string_view body) {
  if (const auto rest = after(given, "sha256="); !rest.empty()) given = rest;
  std::string small(given);
  for (char& c : small)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(body.data());
  if (::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()), data, body.size(), bytes.data(), &size) ==
      nullptr)
    return false;
  return is_equal(small, in_hex(bytes.data(), size));
}

std::string digest(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  ::EVP_Digest(text.data(), text.size(), bytes.data(), &size, ::EVP_sha256(), nullptr);
  return in_hex(bytes.data(), 16);
}

}  // namespace weir::web
