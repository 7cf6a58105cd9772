// The payload of a request, taken apart.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "cbor/senml_json.hpp"
#include "door.hpp"
#include "requests/body_reader.hpp"

namespace weir::coap_recv {

/// Takes payloads apart. Not thread-safe.
class PayloadPieces {
 public:
  explicit PayloadPieces(Payload payload) : payload_(payload) {}

  /// Reads a payload with that Content-Format. Returns false where it cannot be taken apart; reason() then tells why.
  bool read(std::string_view body, std::optional<unsigned> format, Time received);
  const std::string& reason() const { return reason_; }
  bool has_too_many() const { return body_.has_too_many(); }

  /// As those of BodyReader; `body` must still be there.
  const std::vector<requests::Piece>& pieces() const { return body_.pieces(); }
  std::string_view counted() const { return body_.counted(); }

 private:
  Payload payload_;
  requests::BodyReader body_;
  cbor::SenmlJson cbor_;
  std::string json_;
  std::string reason_;
};

/// What a payload is made of, for one whose Content-Format may tell it.
Payload payload_of(std::string_view body, std::optional<unsigned> format);

}  // namespace weir::coap_recv
