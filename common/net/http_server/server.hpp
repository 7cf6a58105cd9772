// A small HTTP/1.1 and WebSocket server; the door to Boost.Beast. It knows bytes, not records.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http_server/message.hpp"
#include "record/log.hpp"

namespace weir::web {

/// What one server takes at most, so that no client can make it grow or wait.
struct Limits {
  std::size_t clients = 1000;                    ///< connections at a time; idle ones make room for new ones
  std::size_t clients_of_address = 250;          ///< of them from one address (IPv6: from one /64 network)
  std::size_t head = 16 << 10;                   ///< bytes of a request's line and headers
  std::size_t body = 64 << 10;                   ///< bytes of a request's body
  std::size_t bodies = 256 << 20;                ///< bytes of bodies that arrive, of all clients; beyond: 503
  std::chrono::seconds request_time{10};         ///< for a whole request to arrive, TLS handshake included
  std::chrono::seconds idle_time{60};            ///< between requests; twice it without a pong for a WebSocket
  std::chrono::milliseconds answer_time{30000};  ///< for a later answer; then give_up is asked
  std::chrono::seconds write_time{30};           ///< for the other side to take anything of what is sent
  std::size_t feed = 8 << 20;                    ///< bytes of messages held for slow clients, of all of them together
  std::size_t answers = 64 << 20;                ///< bytes of answers on their way, of all clients; beyond: 503. One
                                                 ///< address has half of it
  double requests_per_second = 50;               ///< of one address, in the long run
  double requests_at_once = 400;                 ///< of one address
  std::chrono::milliseconds closing_time{2000};  ///< for clients to be told goodbye in stop()
};

/// Where a server listens and what it speaks.
struct Settings {
  std::string address = "127.0.0.1";  ///< an IP address or `localhost`
  std::uint16_t port = 0;             ///< 0: any that is free
  std::string certificate{};          ///< path of a PEM chain; with it, TLS alone is spoken
  std::string key{};                  ///< path of its private key
  std::string client_ca{};            ///< path of the authorities in PEM that must have signed a client's certificate
  Limits limits{};
};

/// What a request leads to.
struct Answer {
  enum class Way : std::uint8_t {
    respond,       ///< `response`
    web_socket,    ///< the stream, a text frame a message; 426 when the request is no upgrade
    event_stream,  ///< the stream as Server-Sent Events
    later          ///< the response comes by reply(), under `ticket`
  };
  Way way = Way::respond;
  Response response{};
  std::uint64_t ticket = 0;  ///< the handler's own number for an answer that comes later, never the same twice
  /// Makes the first message of a stream from the number of records published before the stream's first one; without
  /// it the stream begins with a record.
  std::function<std::string(std::uint64_t)> greeting{};
};

/// Figures for a metrics page.
struct Figures {
  std::uint64_t connections = 0;    ///< open now
  std::uint64_t streams = 0;        ///< of them, clients of the stream
  std::uint64_t requests = 0;       ///< answered so far
  std::uint64_t refused = 0;        ///< malformed, too large, too many, too slow
  std::uint64_t messages_sent = 0;  ///< frames and events so far
  std::uint64_t skipped = 0;        ///< records that slow clients were skipped over, of all clients
  std::uint64_t feed_bytes = 0;     ///< held for slow clients
};

/// Serves on a thread of its own, which calls `handle` for each request: it must not block.
class Server {
 public:
  struct Hooks {
    /// The request may be taken from.
    std::function<Answer(Request&)> handle;
    /// What a client is answered that has waited answer_time for a later answer; nothing: it waits on.
    std::function<std::optional<Response>(std::uint64_t ticket)> give_up{};
    /// The message for a client that missed that many records.
    std::function<std::string(std::uint64_t)> skipped;
    /// A request of this address was answered with an error at once: by the server itself or by `handle`.
    std::function<void(const Response&, std::string_view remote)> refused{};
    /// After messages were handed to the system for every client that takes them: since when the oldest of them waited.
    std::function<void(std::chrono::steady_clock::duration)> delivered{};
  };

  /// Listens and starts. `log` gets warnings from the server's thread. Throws std::runtime_error when it cannot listen
  /// or the certificate cannot be used.
  Server(Settings settings, Hooks hooks, Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;

  /// Sends a record to every client of the stream. Never waits: a client that does not keep up is skipped ahead, and
  /// told. Any thread.
  void publish(std::string_view record);

  /// Sends a message that is not a record to every client of the stream. Any thread.
  void notify(std::string_view message);

  /// Sends later answers, each under its ticket. Those whose clients have gone are dropped. Any thread.
  void reply(std::vector<std::pair<std::uint64_t, Response>> answers);

  /// Whether any client streams now; without one, publish() costs next to nothing.
  bool has_streams() const;

  Figures figures() const;

  /// Takes no more clients, sends what is on its way, closes every connection properly, and returns when that is done,
  /// within the closing time. Called by the destructor.
  void stop();

  struct Impl;  ///< of the room itself

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::web
