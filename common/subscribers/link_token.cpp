#include "subscribers/link_token.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <vector>

#include "record/json_text.hpp"
#include "subscribers/subscribers.hpp"

namespace weir {
namespace {

std::string base64url(std::string_view bytes) {
  std::string text;
  append_base64(text, bytes);
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  while (text.ends_with('=')) text.pop_back();
  return text;
}

/// The bytes of a base64url text; characters that cannot be there are skipped, as the HMAC tells what was changed.
std::string from_base64url(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    unsigned value = 0;
    if (c >= 'A' && c <= 'Z')
      value = static_cast<unsigned>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      value = static_cast<unsigned>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      value = static_cast<unsigned>(c - '0') + 52;
    else if (c == '-' || c == '_')
      value = c == '-' ? 62 : 63;
    else
      continue;
    bits = (bits << 6U | value) & 0xFFFFFFU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xFFU);
  }
  return bytes;
}

/// The HMAC of a purpose, a NUL and a message, as base64url.
std::string seal(std::string_view secret, std::string_view purpose, std::string_view message) {
  std::string text(purpose);
  text += '\0';
  text += message;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size) == nullptr)
    throw std::runtime_error("the token of a link could not be made");
  return base64url({reinterpret_cast<const char*>(digest.data()), size});
}

bool is_same(std::string_view given, std::string_view right) {
  return given.size() == right.size() && ::CRYPTO_memcmp(given.data(), right.data(), right.size()) == 0;
}

std::int64_t seconds_of(Time time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

}  // namespace

std::string unsubscribe_token(std::string_view secret, std::string_view address) {
  return seal(secret, "unsubscribe", address_key(address));
}

bool is_unsubscribe_token(std::string_view given, std::string_view secret, std::string_view address) {
  return is_same(given, unsubscribe_token(secret, address));
}

std::string confirm_token(std::string_view secret, const Subscription& wanted, Time until) {
  std::string lines = std::to_string(seconds_of(until)) + '\n' + wanted.email + '\n' + wanted.timezone;
  for (const std::string& city : wanted.cities) (lines += '\n') += city;
  return base64url(lines) + '.' + seal(secret, "subscribe", lines);
}

std::optional<Subscription> confirmed_subscription(std::string_view token, std::string_view secret, Time now) {
  const auto dot = token.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string bytes = from_base64url(token.substr(0, dot));
  if (!is_same(token.substr(dot + 1), seal(secret, "subscribe", bytes))) return std::nullopt;
  std::vector<std::string> lines(1);
  for (const char c : bytes) {
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  }
  std::int64_t until = 0;
  std::from_chars(lines[0].data(), lines[0].data() + lines[0].size(), until);
  if (lines.size() < 3 || seconds_of(now) > until) return std::nullopt;
  return Subscription{lines[1], {lines.begin() + 3, lines.end()}, lines[2]};
}

}  // namespace weir
