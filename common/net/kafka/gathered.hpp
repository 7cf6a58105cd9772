// Messages that are handed to the library together; internal to the room.
#pragma once
#include <librdkafka/rdkafka.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "net/kafka/producer.hpp"

namespace weir::kafka {

/// Messages to one topic, all with a key or all without, with copies of what does not last. One call of the library for
/// many of them takes its locks and looks at the clock once.
class Gathered {
 public:
  /// Whether a message can be among them: of the library's call for many it has no time and no headers.
  static bool takes(const Message& message) {
    return message.headers.empty() && !message.timestamp && !message.partition &&
           message.payload.value_or("").size() + message.key.value_or("").size() <= most_bytes / 4;
  }
  bool empty() const { return first_ == count_; }
  /// Whether another message has to wait until these are handed over.
  bool is_full_for(const Message& message) const {
    return count_ == messages_.size() || !has_room(message) ||
           (!empty() && (has_keys_ != message.key.has_value() || last_ != message.lasting));
  }

  void add(const Message& message) {
    has_keys_ = message.key.has_value();
    last_ = message.lasting;
    rd_kafka_message_t& added = messages_[count_++];
    added = {};
    added.payload = message.lasting ? address_of(message.payload) : keep(message.payload);
    added.len = message.payload.value_or("").size();
    added.key = keep(message.key);
    added.key_len = message.key.value_or("").size();
    added._private = std::bit_cast<void*>(message.number);
  }

  bool has_keys() const { return has_keys_; }
  /// Whether their payloads stay where they are (Message::lasting).
  bool last() const { return last_; }
  /// Those that are left, in order.
  std::span<rd_kafka_message_t> left() { return std::span(messages_).subspan(first_, count_ - first_); }
  void remove_first(std::size_t count) {
    first_ += count;
    if (empty()) first_ = count_ = used_ = 0;
  }

 private:
  static constexpr std::size_t most_bytes = 64 << 10;

  bool has_room(const Message& message) const {
    const std::size_t payload = message.lasting ? 0 : message.payload.value_or("").size();
    return used_ + payload + message.key.value_or("").size() <= most_bytes;
  }
  /// A null pointer is a tombstone or a missing key.
  static void* address_of(const std::optional<std::string_view>& text) {
    return text ? const_cast<char*>(text->data()) : nullptr;  // the library does not write to it
  }
  void* keep(const std::optional<std::string_view>& text) {
    if (!text) return nullptr;
    char* const at = bytes_.data() + used_;
    if (!text->empty()) std::memcpy(at, text->data(), text->size());
    used_ += text->size();
    return at;
  }

  std::array<char, most_bytes + 1> bytes_;  // one more, for the address of an empty text at its end
  std::array<rd_kafka_message_t, 128> messages_;
  std::size_t used_ = 0, first_ = 0, count_ = 0;
  bool has_keys_ = false, last_ = false;
};

}  // namespace weir::kafka
