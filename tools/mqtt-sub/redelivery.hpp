// Detection of QoS 1 messages that the broker delivers again.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>

namespace weir::mqtt_sub {

/// Recognizes messages that were stored, and that the broker sends again because it has not seen their acknowledgement.
///
/// A broker numbers the messages of a session. When the client reconnects, it first sends unacknowledged messages
/// again, in their order (MQTT 3.1.1, 4.4 and 4.6). Messages are stored and acknowledged in that order too. So repeated
/// messages are the last ones stored, and the first ones on a new connection. They are recognized by position, id and
/// content.
///
/// A broker that soon reuses an id, instead of counting up as mosquitto does, looks the same as one that repeats a
/// message. So a message whose id belongs to several of the last messages counts as new, and none is lost.
class Redelivery {
 public:
  /// Notes a message that has been stored, in this run or an earlier one.
  void stored(int id, std::uint64_t hash);
  /// Notes a new session: the broker knows no earlier message.
  void new_session();
  /// Notes a new connection within the session.
  void connected();
  /// Whether a QoS 1 message was stored before. Call it for each in order.
  bool comes_again(int id, std::uint64_t hash);

 private:
  /// The greatest number of messages without an acknowledgement; fewer than half of all ids.
  static constexpr std::size_t most = 16384;
  struct Stored {
    int id;
    std::uint64_t hash;
  };
  enum class Phase : std::uint8_t { first, in_turn, over };

  std::deque<Stored> stored_;
  std::size_t before_ = 0;  ///< number of messages stored before this connection
  std::size_t next_ = 0;    ///< the message that would be the next to be repeated
  Phase phase_ = Phase::over;
};

}  // namespace weir::mqtt_sub
