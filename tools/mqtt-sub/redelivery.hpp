// Which messages at QoS 1 come a second time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>

namespace weir::mqtt_sub {

/// Knows messages that were stored, and that the broker sends again because it has not seen their acknowledgement.
///
/// A broker numbers the messages of a session, and when the client comes back it sends what was not acknowledged again,
/// first and in the order in which it sent it (MQTT 3.1.1, 4.4 and 4.6). Messages are stored and acknowledged in that
/// order too. So those that come twice are the last ones stored, and the first to come on a new connection: they are
/// known by their place, their id and what is in them, and nothing else is taken for them. A broker that gives an id to
/// another message soon, instead of counting up as mosquitto does, cannot be told from one that repeats itself: a
/// message whose id more than one of the last messages bears is taken as new, so that none is lost.
class Redelivery {
 public:
  /// A message has been stored, in this run or an earlier one.
  void stored(int id, std::uint64_t hash);
  /// The broker knows nothing of the messages before.
  void new_session();
  /// A new connection within the session.
  void connected();
  /// Asked in order, of each message that comes at QoS 1.
  bool comes_again(int id, std::uint64_t hash);

 private:
  /// So many messages may be on their way without an acknowledgement; fewer than half of the ids there are.
  static constexpr std::size_t most = 16384;
  struct Stored {
    int id;
    std::uint64_t hash;
  };
  enum class Phase : std::uint8_t { first, in_turn, over };

  std::deque<Stored> stored_;
  std::size_t before_ = 0;  ///< so many of them were stored before this connection
  std::size_t next_ = 0;    ///< the one that should come again in its turn
  Phase phase_ = Phase::over;
};

}  // namespace weir::mqtt_sub
