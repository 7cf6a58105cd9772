#include "payload.hpp"

#include "net/coap/message.hpp"
#include "record/trimmed.hpp"

namespace weir::coap_recv {

Payload payload_of(std::string_view body, std::optional<unsigned> format) {
  namespace formats = coap::content_format;
  if (format == formats::json) return Payload::json;
  if (format == formats::senml_json) return Payload::senml;
  if (format == formats::senml_cbor) return Payload::senml_cbor;
  const std::string_view text = trimmed(body);
  return text.starts_with('{') || text.starts_with('[') ? Payload::json : Payload::number;
}

bool PayloadPieces::read(std::string_view body, std::optional<unsigned> format, Time received) {
  using requests::Format;
  Format read_as = Format::json;
  switch (payload_ == Payload::automatic ? payload_of(body, format) : payload_) {
    case Payload::automatic:
    case Payload::json:
      break;
    case Payload::ndjson:
      read_as = Format::ndjson;
      break;
    case Payload::senml:
      read_as = Format::senml;
      break;
    case Payload::senml_cbor:
      json_.clear();
      if (!cbor_.write(body, json_)) {
        reason_ = cbor_.reason();
        return false;
      }
      body = json_;
      read_as = Format::senml;
      break;
    case Payload::number:
      read_as = Format::number;
      break;
  }
  const bool whole = body_.read(body, read_as, {}, received);
  reason_ = body_.reason();
  return whole;
}

}  // namespace weir::coap_recv
