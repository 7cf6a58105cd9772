// coap-recv as a receiver: the server, and records from requests.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "door.hpp"
#include "net/coap/server.hpp"
#include "payload.hpp"
#include "pipeline/request_receiver.hpp"
#include "requests/refusals.hpp"

namespace weir::coap_recv {

struct Settings {
  DoorSettings door;
  requests::RequestSettings requests{};
};

/// Takes requests from the door's mailbox. A message that comes again is known by its sender, Message-ID and token.
class CoapReceiver : public RequestReceiver<coap::Request, coap::Response> {
 public:
  /// Throws std::invalid_argument, naming the option.
  CoapReceiver(const Settings& settings, coap::Settings server, Now now);
  ~CoapReceiver() override;

  void close() override;
  std::string summary() const override;
  bool failed() const override;

 private:
  CoapReceiver(std::unique_ptr<Door> door, const Settings& settings, coap::Settings server, Now now);
  void listen(SourceHost& host) override;
  std::uint64_t take(const Delivery& delivery) override;
  void reply(Answers answers) override { server_->reply(std::move(answers)); }

  std::string path_;
  coap::Settings server_settings_;
  std::unique_ptr<Door> door_;
  PayloadPieces payload_;
  std::vector<std::optional<std::string_view>> texts_;
  std::uint64_t repeated_ = 0;   ///< messages of earlier runs
  requests::Refusals refusals_;  ///< of the server's thread while there is one
  Log* log_ = nullptr;
  std::unique_ptr<coap::Server> server_;
};

}  // namespace weir::coap_recv
