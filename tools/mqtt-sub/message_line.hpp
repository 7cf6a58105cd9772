// A message as a line of the spool.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "net/mqtt/client.hpp"
#include "time/time_types.hpp"

namespace weir::mqtt_sub {

/// The line for a new session at the broker: message ids start anew after it.
inline constexpr std::string_view new_session_line = "session";

/// Whether a payload is whole, or the beginning of one that is longer than the limit.
enum class Payload : std::uint8_t { whole, beginning };

/// Appends `message ID QOS FLAGS RECEIVED_NS TOPIC_SIZE TOPICPAYLOAD`; the flags are 1 for a retained message and 2 for
/// a payload that is not whole. Newline, NUL and backslash are escaped as \n, \0 and \\.
void append_message_line(std::string& line, const mqtt::Message& message, Payload payload, Time received);

/// Reads lines of the spool.
class MessageLine {
 public:
  /// Returns false when the line is not a message.
  bool read(std::string_view line);

  /// The message of the last line read; its views live as long as that line and this object.
  const mqtt::Message& message() const { return message_; }
  Payload payload() const { return payload_; }
  Time received() const { return received_; }

 private:
  mqtt::Message message_;
  Payload payload_ = Payload::whole;
  Time received_{};
  std::string plain_;
};

}  // namespace weir::mqtt_sub
