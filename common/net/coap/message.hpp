// What a sender asks and what it is answered.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace weir::coap {

/// A message is the same as one of its sender with its Message-ID for so long (RFC 7252, 4.8.2).
inline constexpr std::chrono::seconds exchange_lifetime{247};

/// Codes of responses as in RFC 7252, 5.9: 204 is 2.04.
enum class Code : std::uint16_t {
  changed = 204,
  content = 205,
  proceed = 231,
  bad_request = 400,
  not_found = 404,
  method_not_allowed = 405,
  incomplete = 408,
  precondition_failed = 412,
  too_large = 413,
  unsupported_format = 415,
  unavailable = 503,
  timeout = 504
};

/// Content-Formats (IANA) that are known here.
namespace content_format {
inline constexpr unsigned text = 0, links = 40, octets = 42, json = 50, senml_json = 110, senml_cbor = 112;
}

/// A whole request.
struct Request {
  std::string endpoint;  ///< address and port of the sender
  std::string message;   ///< endpoint, Message-ID and token: the same in a retransmission alone
  std::string path;      ///< with a slash before each segment: `/v1/north`
  std::string identity;  ///< of a DTLS client; empty without DTLS
  std::optional<unsigned> format;
  std::string body;
  bool observed = false;          ///< a notification: nobody waits for an answer
  bool in_blocks = false;         ///< the message is the last one of several
  bool last_block_alone = false;  ///< the blocks before it are not known: a body that was taken, or one that is lost
};

/// What goes back.
struct Response {
  Code code = Code::changed;
  std::string text{};                      ///< a diagnostic payload, or the content
  std::optional<std::uint32_t> max_age{};  ///< seconds after which to come again
  std::optional<std::uint32_t> size1{};    ///< bytes that a body may have
  std::optional<unsigned> format{};        ///< Content-Format of `text`
};

}  // namespace weir::coap
