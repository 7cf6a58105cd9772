// Which requests are taken: what the server's thread decides.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/coap/server.hpp"
#include "requests/mailbox.hpp"
#include "requests/path_pattern.hpp"

namespace weir::coap_recv {

using Mailbox = requests::Mailbox<coap::Request>;

/// What payloads are made of.
enum class Payload : std::uint8_t {
  automatic,  ///< by Content-Format, else by the first byte
  json,       ///< an object, an array of objects, or a line an object
  ndjson,
  senml,
  senml_cbor,
  number
};

struct DoorSettings {
  std::string path{};            ///< a PathPattern; empty: any path
  std::string identity_field{};  ///< the field for a DTLS client's identity; empty: no such field
  std::string sender_field{};    ///< the field for the sender's address, or the URI that is observed; empty: none
  Payload payload = Payload::automatic;
  std::size_t max_queue = 64 << 20;  ///< bytes of requests that wait
};

/// Refuses requests, or puts them into the mailbox.
class Door {
 public:
  /// Throws std::invalid_argument, naming the option.
  explicit Door(DoorSettings settings);

  /// The names of the fields that come with a request.
  std::vector<std::string> names() const;
  /// Their values: views into the request.
  void read_texts(const coap::Request& request, std::vector<std::optional<std::string_view>>& texts) const;
  /// What `.well-known/core` answers.
  std::string links() const;

  Mailbox& mailbox() { return mailbox_; }

  // The hooks of the server.
  std::optional<coap::Response> refuse(const coap::Request& request) const;
  coap::Answer handle(coap::Request& request);
  std::optional<coap::Response> give_up(std::uint64_t ticket);
  bool notify(coap::Request& request);

 private:
  DoorSettings settings_;
  std::optional<requests::PathPattern> path_;
  Mailbox mailbox_;
  std::atomic<std::uint64_t> next_ticket_{1};
};

}  // namespace weir::coap_recv
