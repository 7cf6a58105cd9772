// Addresses as libcoap has them. For the room itself.
#pragma once
#include <coap3/coap.h>

#include <cstdint>
#include <string>

namespace weir::coap {

/// The address of a host's name or number. Throws std::runtime_error.
coap_address_t resolve(const std::string& host, std::uint16_t port);

/// A port that nobody has, for `address`: its own where it is not 0. libcoap would share it with another server, which
/// would then get half of the messages. Throws std::runtime_error where it cannot be had.
std::uint16_t free_port(const coap_address_t& address);

}  // namespace weir::coap
