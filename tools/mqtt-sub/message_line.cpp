#include "message_line.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace weir::mqtt_sub {
namespace {

constexpr std::string_view opening = "message ";
constexpr int retained = 1;
constexpr int beginning = 2;
constexpr std::string_view unfit("\n\0\\", 3);

void append_fit(std::string& line, std::string_view text) {
  for (;;) {
    const std::size_t at = text.find_first_of(unfit);
    line += text.substr(0, at);
    if (at == std::string_view::npos) return;
    line += '\\';
    line += text[at] == '\n' ? 'n' : text[at] == '\0' ? '0' : '\\';
    text.remove_prefix(at + 1);
  }
}

void append_plain(std::string& plain, std::string_view text) {
  for (;;) {
    const std::size_t at = text.find('\\');
    plain += text.substr(0, at);
    if (at == std::string_view::npos || at + 1 == text.size()) return;
    const char kind = text[at + 1];
    plain += kind == 'n' ? '\n' : kind == '0' ? '\0' : kind;
    text.remove_prefix(at + 2);
  }
}

/// Reads a number and the space after it.
template <typename Number>
bool take(std::string_view& line, Number& number) {
  const auto read = std::from_chars(line.data(), line.data() + line.size(), number);
  const auto size = static_cast<std::size_t>(read.ptr - line.data());
  if (read.ec != std::errc{} || size == line.size() || line[size] != ' ') return false;
  line.remove_prefix(size + 1);
  return true;
}

}  // namespace

void append_message_line(std::string& line, const mqtt::Message& message, Payload payload, Time received) {
  const int flags = (message.retained ? retained : 0) | (payload == Payload::beginning ? beginning : 0);
  fmt::format_to(std::back_inserter(line), "{}{} {} {} {} {} ", opening, message.id, static_cast<int>(message.qos),
                 flags, received.time_since_epoch().count(), message.topic.size());
  append_fit(line, message.topic);
  append_fit(line, message.payload);
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
    append_plain(plain_, line);
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
