// The word in a link by which its reader may leave the list, and nobody else.
#pragma once
#include <string>
#include <string_view>

namespace weir {

/// The token of an address: HMAC-SHA-256 (RFC 2104) of `unsubscribe`, a NUL and the address with small ASCII letters,
/// as 43 characters of base64url (RFC 4648 §5). Whoever does not know the secret cannot make it. Throws
/// std::runtime_error when the library fails.
std::string unsubscribe_token(std::string_view secret, std::string_view address);

/// Whether this is the address's token; takes as long for a nearly right one as for any other.
bool is_unsubscribe_token(std::string_view given, std::string_view secret, std::string_view address);

/// A shorter secret could be guessed from one's own token.
inline constexpr std::size_t least_unsubscribe_secret = 16;

}  // namespace weir
