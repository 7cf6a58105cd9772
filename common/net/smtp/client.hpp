// Sending mail: the door to libcurl's SMTP.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "time/time_types.hpp"

namespace weir::smtp {

/// How the connection is protected. Certificates and host names are verified whenever there is TLS.
enum class Security : std::uint8_t {
  none,      ///< plain text
  starttls,  ///< begins in plain text and must become TLS before the login (RFC 3207)
  implicit   ///< TLS from the first byte (RFC 8314)
};

/// The mail server that takes the mails.
struct Server {
  std::string host;
  int port = 0;
  Security security = Security::starttls;
  std::string user;  ///< empty: without authentication
  std::string password;
  std::string ca_file;  ///< PEM file of authorities to trust instead of the system's; may be empty
  Duration timeout = std::chrono::seconds(60);  ///< for one mail, and half of it for connecting
};

/// What became of a mail.
enum class Outcome : std::uint8_t {
  accepted,     ///< the server has answered 250 and is responsible for it
  refused,      ///< for good: 5xx to this mail or this recipient
  busy,         ///< for now: 4xx to this mail or this recipient
  unreachable,  ///< no connection, or it was lost, or 421: no mail can be sent now
  hopeless,     ///< no retry can help: certificate, password, no TLS on offer
  stopped       ///< given up because should_stop said so; not accepted as far as is known
};

/// An outcome and its reason.
struct Delivery {
  Outcome outcome = Outcome::accepted;
  std::string reason;  ///< the server's last reply or libcurl's message; never the password
};

/// Sends mails over one connection, which is made at the first mail, kept between mails and made again when it was
/// lost.
class Client {
 public:
  /// `should_stop` is called some times a second while a mail is sent; true ends that at once.
  explicit Client(Server server, std::function<bool()> should_stop = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Connects and logs in, without a mail.
  Delivery greet();

  /// Sends a message (CRLF line ends) from one address to another. Throws std::invalid_argument when an address is
  /// none.
  Delivery send(const std::string& from, const std::string& to, std::string_view message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::smtp
