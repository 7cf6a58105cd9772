#include "history.hpp"

#include "record/object_writer.hpp"

namespace weir::alert_notify {

std::string history_line(const Message& message, std::string_view state, std::string_view answer, Time time,
                         std::optional<Duration> after) {
  std::string line;
  ObjectWriter writer(line);
  writer.time("timestamp", time).string("id", message.id).string("channel", message.channel).string("state", state);
  writer.integer("attempt", static_cast<std::int64_t>(message.attempts)).string("kind", message.kind);
  writer.string("level", message.level).string("dedup_key", message.dedup).string("subject", message.subject);
  if (message.time) writer.time("alert_time", *message.time);
  writer.string("why", message.why).string("answer", answer);
  if (after) writer.number("retry_after_s", std::chrono::duration<double>(*after).count());
  writer.end();
  return line;
}

}  // namespace weir::alert_notify
