// A message as a line of the spool.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "net/mqtt/client.hpp"
#include "time/time_types.hpp"

namespace weir::mqtt_sub {

/// The line for a new session at the broker: message ids start anew after it.
inline constexpr std::string_view new_session_line = "session";

/// Appends `message ID QOS RETAINED RECEIVED_NS TOPIC_SIZE TOPICPAYLOAD`. Newline, NUL and backslash are escaped as \n,
/// \0 and \\.
void append_message_line(std::string& line, const mqtt::Message& message, Time received);

/// Reads lines of the spool.
class MessageLine {
 public:
  /// Returns false when the line is not a message.
  bool read(std::string_view line);

  /// The message of the last line read; its views live as long as that line and this object.
  const mqtt::Message& message() const { return message_; }
  Time received() const { return received_; }

 private:
  mqtt::Message message_;
  Time received_{};
  std::string plain_;
};

}  // namespace weir::mqtt_sub
