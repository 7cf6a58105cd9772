// A connection to an MQTT broker that comes back by itself; the door to libmosquitto.
#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "net/mqtt/settings.hpp"
#include "record/log.hpp"

namespace weir::mqtt {

/// The broker said no, or cannot be trusted: trying again would not help.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A message as it arrived; the views live as long as the call.
struct Message {
  std::string_view topic;
  std::string_view payload;
  Qos qos = Qos::at_most_once;
  bool retained = false;  ///< kept by the broker from before the subscription
  int id = 0;             ///< of the exchange with the broker, used again later; 0 at QoS 0
};

/// What the broker remembers of this client when it connects.
enum class SessionFound : std::uint8_t { no, yes };

/// Whether the session that the broker may have of this client has the subscriptions already, from an earlier run.
enum class Subscribed : std::uint8_t { no, yes };

/// A name and a value that go with a message of MQTT 5.
struct UserProperty {
  std::string name;
  std::string value;
};

/// Names a message between publish() and its acknowledgement; numbers are used again later.
using MessageId = int;

/// What a Client tells its owner, from within its own calls.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void on_message(const Message& message) { static_cast<void>(message); }
  /// The broker has accepted the connection; where a session is found, what it has not seen acknowledged comes again
  /// first, in its order.
  virtual void on_connected(SessionFound session) { static_cast<void>(session); }
  /// The broker has accepted the subscriptions.
  virtual void on_subscribed() {}
  /// The broker has acknowledged the message (QoS 1 and 2), or it was written to the socket (QoS 0).
  virtual void on_delivered(MessageId id) { static_cast<void>(id); }
  /// The broker has answered the message with an error (MQTT 5): it is gone.
  virtual void on_refused(MessageId id, std::string_view reason) {
    static_cast<void>(id);
    static_cast<void>(reason);
  }
};

/// One connection, driven by one thread from its calls: nothing happens in between. What is published or acknowledged
/// stays here until flush() or wait(), so that a caller can make a message durable before the broker is told that it
/// arrived.
///
/// A lost connection is made again with exponential back-off and jitter (0.1 s to 30 s), subscriptions with it; QoS 1
/// and 2 messages without an acknowledgement are sent again. Any call throws Refused when the broker turns this client
/// or a subscription away for good.
class Client {
 public:
  /// Sets up, and does not connect yet. `log` gets a warning when the connection is lost or back. Throws
  /// std::runtime_error when a certificate or key file cannot be used.
  Client(Settings settings, Handler& handler, Log& log);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// What is asked for at every connection, unless the broker has it in the session. Call it before the first wait().
  void subscribe(std::vector<std::string> filters, Qos qos, Subscribed earlier = Subscribed::no);

  /// The broker has accepted the connection and, where there are any, the subscriptions.
  bool connected() const;

  /// Hands a message over; only while connected(). Throws std::invalid_argument, with the reason, when this message
  /// cannot be sent at all. `topic` ends with NUL, as std::string does.
  MessageId publish(const std::string& topic, std::string_view payload, Qos qos, Retain retain) {
    return publish(topic, payload, qos, retain, nullptr);
  }
  /// As above, with a user property, which only MQTT 5 has; nullptr: none.
  MessageId publish(const std::string& topic, std::string_view payload, Qos qos, Retain retain,
                    const UserProperty* property);

  /// Messages handed over and neither delivered nor refused.
  std::size_t in_flight() const;

  /// Writes what waits here, acknowledgements of received messages included, as far as the socket takes it.
  void flush();

  /// Takes what has arrived, at most about `limit` messages. Returns true when there may be more.
  bool read(std::size_t limit);

  /// Blocks until something has arrived or can be written, one of `also` is ready, or `limit` (negative: none) has
  /// passed. Connects, flushes and keeps the connection alive meanwhile; what has arrived is left for read().
  void wait(std::span<pollfd> also, std::chrono::milliseconds limit);

  /// Says goodbye, 2 seconds at most. What has not been acknowledged by then stays so.
  void disconnect();

  /// Messages at QoS 0 that went with lost connections before they were written.
  std::uint64_t lost() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::mqtt
