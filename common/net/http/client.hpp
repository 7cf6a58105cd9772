// Asking HTTP servers, many requests side by side; the door to libcurl's HTTP.
#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::http {

/// Why a request has no complete answer.
enum class Failure : std::uint8_t {
  none,         ///< the answer is complete, whatever its status
  resolve,      ///< the host's name has no address
  connect,      ///< nobody answers there
  tls,          ///< the certificate, the host name or the handshake failed
  timeout,      ///< incomplete when the request's time was over
  broken,       ///< the connection ended in the middle
  too_large,    ///< body or head over the limit; the rest was not read
  not_allowed,  ///< a redirect to where it must not go, or too many of them
  other
};

/// A name and its secret, for basic authentication.
struct Login {
  std::string user;
  std::string password;
};

/// What signs a request as AWS's servers want it (Signature Version 4). The path and query of the URL are signed as
/// they stand: encoded, and sorted by name.
struct AwsSignature {
  std::string region;
  std::string service;
  std::string key_id;
  std::string secret;
};

/// A GET request, or a POST where it has a body; another one by its method.
struct Request {
  enum class Method : std::uint8_t { by_body, put, head, remove };
  std::string url;                            ///< may hold a secret in its query: it never stands in a message
  std::chrono::milliseconds timeout{15'000};  ///< for the whole of it, from the name's look-up to the last byte
  std::size_t max_body = 1 << 20;             ///< bytes of the answer, after decompression
  std::optional<std::string> body = {};
  std::vector<std::string> headers = {};  ///< `Name: value`
  std::optional<Login> login = {};
  /// Where not 0: the body of a 2xx answer is handed out by take() as it comes, whatever its length. So many bytes wait
  /// at most; then the server waits. `timeout` is then the longest time in which nothing comes, in whole seconds.
  std::size_t window = 0;
  Method method = Method::by_body;
  std::string_view put_body = {};  ///< of a PUT; it must live until the request is finished
  std::optional<AwsSignature> signature = {};
};

/// The answer to a request, or why there is none.
struct Response {
  int status = 0;                                            ///< of the last answer after redirects; 0 without a head
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  Failure failure = Failure::none;
  std::string error;  ///< the reason of a failure, without the URL's path and query

  /// The last header of that (lower-case) name.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// Whether a connection serves more than one request. A kept one may carry the rest of a wrong answer into the next,
/// and libcurl sends a request again by itself where a kept one has ended without a word.
enum class Connections : std::uint8_t { one_each, kept };

/// Settings of a client, for all servers.
struct ClientOptions {
  int max_connections = 8;  ///< further requests wait; that does not count as their time
  std::string user_agent = "weir";
  std::string ca_file = {};    ///< trust these certificates (PEM) instead of the system's
  std::string cert_file = {};  ///< the client's own certificate (PEM); empty: none
  std::string key_file = {};
  Connections connections = Connections::one_each;
};

/// Requests over one curl multi handle. TLS is verified; only http and https are spoken; redirects are followed three
/// times at most, to the same host and port only (from http also to its https), since a URL may hold a secret; proxies
/// come from the environment as with curl. Not thread-safe, starts no threads of its own but libcurl's name look-ups.
class Client {
 public:
  using Id = std::uint64_t;
  struct Finished {
    Id id;
    Response response;
  };

  /// Throws std::runtime_error when libcurl cannot be set up.
  explicit Client(ClientOptions options);
  /// Gives up what is under way.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Begins a request; its answer comes out of finished() under the same id.
  void start(Id id, Request request);

  /// Moves everything on without blocking; appends what is done to `done`.
  void perform(std::vector<Finished>& done);

  /// Appends what has come of the body of a request with a window. The rest stands in its Response.
  void take(Id id, std::string& bytes);

  /// Gives up all requests.
  void give_up();

  /// Started and not yet finished.
  std::size_t pending() const;

  /// Blocks until a request can move on, one of `also` is ready (their `revents` tell), or `limit` has passed; a
  /// negative limit is none.
  void wait(std::span<pollfd> also, std::chrono::milliseconds limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::http
