// http-recv as a receiver: the server, and records from requests.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "door.hpp"
#include "net/http_server/server.hpp"
#include "pipeline/request_receiver.hpp"
#include "requests/refusals.hpp"

namespace weir::http_recv {

using requests::Format;
using requests::Unit;

struct Settings {
  DoorSettings door;
  Format format = Format::unknown;  ///< unknown: by content type, path and first byte
  requests::RequestSettings requests{};
};

/// Takes requests from the door's mailbox.
class HttpReceiver : public RequestReceiver<web::Request, web::Response> {
 public:
  /// `secrets` are those of web::Logins, `signing_key` that of signatures; empty: none is asked for. Throws
  /// std::invalid_argument, naming the option.
  HttpReceiver(Settings settings, web::Settings server, std::vector<std::string> secrets, std::string signing_key,
               Now now);
  ~HttpReceiver() override;

  void close() override;

 private:
  HttpReceiver(std::unique_ptr<Door> door, const Settings& settings, web::Settings server, Now now);
  void listen(SourceHost& host) override;
  std::uint64_t take(const Delivery& delivery) override;
  void reply(Answers answers) override;
  std::uint64_t refuse_body(const Delivery& delivery, int status, std::string_view reason);
  std::vector<Unit> units_of(const web::Request& request);

  Format format_;
  std::string path_;
  web::Settings server_settings_;
  std::unique_ptr<Door> door_;
  FieldId event_id_, event_source_;
  requests::BodyReader body_;
  std::vector<std::optional<std::string_view>> texts_;
  std::string inflated_;
  requests::Refusals refusals_;  ///< of the server's thread while there is one
  Log* log_ = nullptr;
  std::unique_ptr<web::Server> server_;
};

}  // namespace weir::http_recv
