// A message as a line of the spool.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "net/mqtt/client.hpp"
#include "time/time_types.hpp"

namespace weir::mqtt_sub {

/// The line that says that the broker has begun a new session: the ids of messages before it mean nothing behind it.
inline constexpr std::string_view new_session_line = "session";

/// Appends `message ID QOS RETAINED RECEIVED_NS TOPIC_SIZE TOPICPAYLOAD`, where \n, \0 and \\ stand for what no line
/// can hold.
void append_message_line(std::string& line, const mqtt::Message& message, Time received);

/// Reads such lines.
class MessageLine {
 public:
  /// False when the line is none.
  bool read(std::string_view line);

  /// Of the line read last; its views live as long as that line and this.
  const mqtt::Message& message() const { return message_; }
  Time received() const { return received_; }

 private:
  mqtt::Message message_;
  Time received_{};
  std::string plain_;
};

}  // namespace weir::mqtt_sub
