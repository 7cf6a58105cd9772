// Who may send and where: what the server's thread decides about a request.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http_server/credentials.hpp"
#include "net/http_server/server.hpp"
#include "requests/mailbox.hpp"
#include "requests/path_pattern.hpp"

namespace weir::http_recv {

using requests::PathPattern;
using Mailbox = requests::Mailbox<web::Request>;

struct DoorSettings {
  std::string path{};                  ///< a PathPattern; empty: any path
  std::vector<std::string> headers{};  ///< `NAME=FIELD`: headers that become fields
  std::size_t max_queue = 64 << 20;    ///< bytes of requests that wait
  std::string signature_header = "X-Hub-Signature-256";
  bool loopback = true;  ///< bound to the loopback interface only
};

/// The text with a to z for A to Z.
std::string small_letters(std::string_view text);

/// Refuses requests, or puts them into the mailbox.
class Door {
 public:
  /// `secrets` are those of web::Logins, `signing_key` that of signatures; empty: none is asked for. Throws
  /// std::invalid_argument, naming the option.
  Door(DoorSettings settings, std::vector<std::string> secrets, std::string signing_key);

  /// The names of the fields that come with a request: those of the path, then those of headers.
  std::vector<std::string> names() const;
  /// Their values: views into the request.
  void read_texts(const web::Request& request, std::vector<std::optional<std::string_view>>& texts) const;

  Mailbox& mailbox() { return mailbox_; }

  /// The answer to a request, or the ticket of a later one; called by the server's thread.
  web::Answer handle(web::Request& request);
  /// The answer to a request whose records are not safe in time, or when the run ends.
  std::optional<web::Response> give_up(std::uint64_t ticket);

 private:
  std::optional<web::Response> refuse(const web::Request& request) const;

  std::string path_text_;
  std::optional<PathPattern> path_;
  std::vector<std::pair<std::string, std::string>> headers_;  ///< name in small letters, field
  std::string signature_header_;
  bool loopback_;
  web::Logins logins_;
  std::string signing_key_;
  Mailbox mailbox_;
  std::atomic<std::uint64_t> next_ticket_{1};
};

}  // namespace weir::http_recv
