// The token in an unsubscribe link, which lets the recipient of the mail leave the list and nobody else.
#pragma once
#include <string>
#include <string_view>

namespace weir {

/// The token of an address: HMAC-SHA-256 (RFC 2104) of `unsubscribe`, a NUL and the address in lower-case ASCII, as 43
/// characters of base64url (RFC 4648 §5). Only a holder of the secret can make it. Throws std::runtime_error when the
/// library fails.
std::string unsubscribe_token(std::string_view secret, std::string_view address);

/// Whether this is the address's token, compared in constant time.
bool is_unsubscribe_token(std::string_view given, std::string_view secret, std::string_view address);

/// The least size of a secret: a shorter one could be guessed from one's own token.
inline constexpr std::size_t least_unsubscribe_secret = 16;

}  // namespace weir
