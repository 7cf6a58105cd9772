#include "message_line.hpp"

#include <array>
#include <charconv>

#include "state/line_escape.hpp"

namespace weir::mqtt_sub {
namespace {

constexpr std::string_view opening = "message ";
constexpr int retained = 1;
constexpr int beginning = 2;

/// Reads a number and the space after it.
template <typename Number>
bool take(std::string_view& line, Number& number) {
  const auto read = std::from_chars(line.data(), line.data() + line.size(), number);
  const auto size = static_cast<std::size_t>(read.ptr - line.data());
  if (read.ec != std::errc{} || size == line.size() || line[size] != ' ') return false;
  line.remove_prefix(size + 1);
  return true;
}

/// Appends a number and a space.
template <typename Number>
void append(std::string& line, Number number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  line.append(digits.data(), end) += ' ';
}

}  // namespace

void append_message_line(std::string& line, const mqtt::Message& message, Payload payload, Time received) {
  const int flags = (message.retained ? retained : 0) | (payload == Payload::beginning ? beginning : 0);
  line += opening;
  append(line, message.id);
  append(line, static_cast<int>(message.qos));
  append(line, flags);
  append(line, received.time_since_epoch().count());
  append(line, message.topic.size());
  state::append_escaped(line, message.topic);
  state::append_escaped(line, message.payload);
}

bool MessageLine::read(std::string_view line) {
  if (!line.starts_with(opening)) return false;
  line.remove_prefix(opening.size());
  int qos = 0;
  int flags = 0;
  std::int64_t received = 0;
  std::size_t topic_size = 0;
  if (!take(line, message_.id) || !take(line, qos) || !take(line, flags) || !take(line, received) ||
      !take(line, topic_size))
    return false;
  if (line.find('\\') != std::string_view::npos) {
    plain_.clear();
    state::append_unescaped(plain_, line);
    line = plain_;
  }
  if (qos < 0 || qos > 2 || topic_size > line.size()) return false;
  message_.qos = static_cast<mqtt::Qos>(qos);
  message_.retained = (flags & retained) != 0;
  payload_ = (flags & beginning) != 0 ? Payload::beginning : Payload::whole;
  message_.topic = line.substr(0, topic_size);
  message_.payload = line.substr(topic_size);
  received_ = Time(Duration(received));
  return true;
}

}  // namespace weir::mqtt_sub
