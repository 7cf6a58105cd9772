// The tokens in links of mails: they let the recipient of the mail join or leave the list, and nobody else.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "subscribers/subscriber_file.hpp"
#include "time/time_types.hpp"

namespace weir {

/// The token of an address: HMAC-SHA-256 (RFC 2104) of `unsubscribe`, a NUL and the address in lower-case ASCII, as 43
/// characters of base64url (RFC 4648 §5). Only a holder of the secret can make it. Throws std::runtime_error when the
/// library fails.
std::string unsubscribe_token(std::string_view secret, std::string_view address);

/// Whether this is the address's token, compared in constant time.
bool is_unsubscribe_token(std::string_view given, std::string_view secret, std::string_view address);

/// The token that confirms a subscription until `until`: all of the subscription, and its HMAC-SHA-256, as base64url
/// with a dot between. No field may hold a line break. Throws as unsubscribe_token().
std::string confirm_token(std::string_view secret, const Subscription& wanted, Time until);

/// The subscription of a token; nothing when it was not made with this secret, or is too old.
std::optional<Subscription> confirmed_subscription(std::string_view token, std::string_view secret, Time now);

/// The least size of a secret: a shorter one could be guessed from one's own token.
inline constexpr std::size_t least_unsubscribe_secret = 16;

}  // namespace weir
