// A connection to an MQTT broker that reconnects by itself; the door to libmosquitto.
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

/// The broker refuses this client for good, or its certificate cannot be trusted: a retry would not help.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A message as it arrived; the views live as long as the call.
struct Message {
  std::string_view topic;
  std::string_view payload;
  Qos qos = Qos::at_most_once;
  bool retained = false;  ///< retained: older than the subscription
  int id = 0;             ///< packet id, used again later; 0 at QoS 0
};

/// The session that the broker keeps for this client when it connects.
enum class SessionFound : std::uint8_t { no, yes };

/// Whether the broker's session of this client already has the subscriptions, from an earlier run.
enum class Subscribed : std::uint8_t { no, yes };

/// A user property of a message (MQTT 5).
struct UserProperty {
  std::string name;
  std::string value;
};

/// The number of a message from publish() to its acknowledgement; numbers are used again later.
using MessageId = int;

/// Callbacks of a Client, made from within its own calls.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void on_message(const Message& message) { static_cast<void>(message); }
  /// The broker has accepted the connection. If it has a session, unacknowledged messages come again first, in order.
  virtual void on_connected(SessionFound session) { static_cast<void>(session); }
  /// The broker has accepted the subscriptions.
  virtual void on_subscribed() {}
  /// The broker has acknowledged the message (QoS 1 and 2), or it was written to the socket (QoS 0).
  virtual void on_delivered(MessageId id) { static_cast<void>(id); }
  /// The broker has answered the message with an error (MQTT 5): the message is lost.
  virtual void on_refused(MessageId id, std::string_view reason) {
    static_cast<void>(id);
    static_cast<void>(reason);
  }
};

/// One connection, driven by the calls of one thread. Published messages and acknowledgements wait here until flush()
/// or wait(), so that a caller can make a message durable before the broker learns that it arrived.
///
/// A lost connection is made again with exponential back-off and jitter (0.1 s to 30 s), with its subscriptions.
/// Unacknowledged messages of QoS 1 and 2 are sent again. Any call throws Refused when the broker refuses this client
/// or a subscription for good.
class Client {
 public:
  /// Sets up without connecting. `log` gets a warning when the connection is lost or back. Throws std::runtime_error
  /// when a certificate or key file cannot be used.
  Client(Settings settings, Handler& handler, Log& log);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The subscriptions of every connection, unless the broker's session has them. Call it before the first wait().
  void subscribe(std::vector<std::string> filters, Qos qos, Subscribed earlier = Subscribed::no);

  /// True when the broker has accepted the connection and all subscriptions.
  bool connected() const;

  /// Queues a message; only while connected(). Throws std::invalid_argument, with the reason, when the message can
  /// never be sent. `topic` ends with NUL, as std::string does.
  MessageId publish(const std::string& topic, std::string_view payload, Qos qos, Retain retain) {
    return publish(topic, payload, qos, retain, nullptr);
  }
  /// As above, with a user property, which only MQTT 5 has; nullptr: none.
  MessageId publish(const std::string& topic, std::string_view payload, Qos qos, Retain retain,
                    const UserProperty* property);

  /// The number of messages that were published and are neither delivered nor refused.
  std::size_t in_flight() const;

  /// Writes queued messages and acknowledgements, as far as the socket takes them.
  void flush();

  /// Reads messages that have arrived, at most about `limit`. Returns true when there may be more.
  bool read(std::size_t limit);

  /// Blocks until something arrives or can be written, one of `also` is ready, or `limit` (negative: none) has passed.
  /// Connects, flushes and sends keep-alives meanwhile; read() takes what has arrived.
  void wait(std::span<pollfd> also, std::chrono::milliseconds limit);

  /// Disconnects, within 2 seconds. Messages that are not acknowledged by then stay unacknowledged.
  void disconnect();

  /// The number of QoS 0 messages that were lost with a connection before they were written.
  std::uint64_t lost() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::mqtt
