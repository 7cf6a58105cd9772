// A CoAP server (RFC 7252) over UDP or DTLS; the door to libcoap. It knows bytes, not records.
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

#include "net/coap/blocks.hpp"
#include "net/coap/message.hpp"
#include "record/log.hpp"

namespace weir::coap {

/// The identity of a device and its key.
struct PresharedKey {
  std::string identity;
  std::string key;
};

/// A resource of a device that is observed.
struct Observation {
  std::string uri;     ///< `coap://HOST/PATH` or `coaps://…`
  PresharedKey key{};  ///< for coaps
};

/// Throws std::invalid_argument, naming --observe, where the text is no such URI.
void check_uri(const std::string& uri);

struct Settings {
  std::string address = "127.0.0.1";  ///< an IP address or `localhost`
  std::uint16_t port = 0;             ///< 0: any that is free
  std::vector<PresharedKey> keys{};   ///< with them, DTLS alone is spoken
  std::vector<Observation> observations{};
  std::string links{};            ///< what `.well-known/core` answers (RFC 6690)
  std::size_t sessions = 1000;    ///< senders that are remembered; beyond it those that are idle are forgotten
  std::size_t remember = 10'000;  ///< answers that are kept for messages that come again
  BlockLimits blocks{};
  std::chrono::milliseconds answer_time{30000};  ///< for a later answer; then give_up is asked
};

/// What a request leads to.
struct Answer {
  bool later = false;  ///< the response comes by reply(), under `ticket`
  Response response{};
  std::uint64_t ticket = 0;  ///< the handler's own number for an answer that comes later, never the same twice
};

/// Serves on a thread of its own, which calls the hooks: they must not block. A later answer is carried by the
/// acknowledgement, so a sender that repeats its message until then is not told before that it has arrived.
class Server {
 public:
  struct Hooks {
    /// The answer to a request that must not be taken, whatever its body; asked for each block.
    std::function<std::optional<Response>(const Request&)> refuse;
    /// A request was answered with an error at once: by the server itself or by another hook.
    std::function<void(const Response&, std::string_view endpoint)> refused{};
    /// The request may be taken from.
    std::function<Answer(Request&)> handle;
    /// What a sender is answered that has waited answer_time for a later answer; nothing: it waits on.
    std::function<std::optional<Response>(std::uint64_t ticket)> give_up;
    /// A notification; false when there is no room for it.
    std::function<bool(Request&)> notify;
  };

  /// Listens and starts. `log` gets messages from the server's thread. Throws std::runtime_error when it cannot listen.
  Server(Settings settings, Hooks hooks, Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// Messages that came again so far, and were not handled twice.
  std::uint64_t repeated() const;
  /// Notifications so far that were overtaken by newer ones, and those that there was no room for.
  std::uint64_t old_notifications() const;
  std::uint64_t dropped_notifications() const;

  /// Sends later answers, each under its ticket. Any thread.
  void reply(std::vector<std::pair<std::uint64_t, Response>> answers);

  /// Sends what reply() got and ends; who waits gets no answer, and sends its message again. Called by the destructor.
  void stop();

  struct Impl;  ///< of the room itself

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::coap
