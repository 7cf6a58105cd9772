// libcoap's messages, read and written. For the room itself.
#pragma once
#include <coap3/coap.h>

#include <optional>
#include <string>

#include "net/coap/blocks.hpp"
#include "net/coap/message.hpp"

namespace weir::coap {

/// What stands in the options of a request.
struct Options {
  std::string path{};
  std::string rest{};  ///< query and Request-Tag, which tell transfers apart
  std::optional<unsigned> format{};
  std::optional<std::uint32_t> block1{};
  std::optional<std::size_t> size1{};
  bool conditional = false;  ///< If-Match or If-None-Match
  bool path_is_text = true;  ///< UTF-8 without NUL and slash in a segment
};

Options read_options(const coap_pdu_t* pdu);

std::string_view payload_of(const coap_pdu_t* pdu);

/// Message-ID and token in hexadecimal digits.
std::string message_of(const coap_pdu_t* pdu);

/// Address and port of the other side, and the identity of a DTLS client.
std::string endpoint_of(const coap_session_t* session);
std::string identity_of(const coap_session_t* session);

/// Sets code, options and payload of a message that has none.
void write_response(coap_pdu_t* pdu, const Response& response, std::optional<Block> block1);

}  // namespace weir::coap
