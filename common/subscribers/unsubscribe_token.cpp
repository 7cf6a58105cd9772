#include "subscribers/unsubscribe_token.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

#include "record/json_text.hpp"
#include "subscribers/subscribers.hpp"

namespace weir {

std::string unsubscribe_token(std::string_view secret, std::string_view address) {
  std::string message = "unsubscribe";
  message += '\0';
  message += address_key(address);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(), &size) == nullptr)
    throw std::runtime_error("the token of an address could not be made");
  std::string token;
  append_base64(token, {reinterpret_cast<const char*>(digest.data()), size});
  for (char& c : token) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  while (token.ends_with('=')) token.pop_back();
  return token;
}

bool is_unsubscribe_token(std::string_view given, std::string_view secret, std::string_view address) {
  const std::string right = unsubscribe_token(secret, address);
  return given.size() == right.size() && ::CRYPTO_memcmp(given.data(), right.data(), right.size()) == 0;
}

}  // namespace weir
