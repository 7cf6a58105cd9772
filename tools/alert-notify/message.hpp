// A notification as it goes to one channel.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::alert_notify {

/// Everything that a channel needs, but for its secrets: it stands in snapshots.
struct Message {
  std::string id;       ///< the same in every attempt, and in all channels
  std::string channel;  ///< its name
  std::string kind;     ///< firing, reminder …
  std::string level;
  std::string why;  ///< the route
  bool firing = true;
  bool is_for_history = false;  ///< nobody is told
  std::string dedup;
  std::string subject;  ///< one line
  std::string text;
  std::string body;    ///< of services that take JSON
  std::string target;  ///< an MQTT topic
  std::uint64_t line = 0;
  std::string raw;  ///< the record, for the rejects
  std::optional<Time> time;
  std::uint64_t attempts = 0;
  bool may_have_arrived = false;  ///< an attempt ended without an answer, or with the process

  void state(StateArchive& archive) {
    archive.values(id, channel, kind, level, why, firing, is_for_history, dedup, subject);
    archive.values(text, body, target, line, raw, time, attempts, may_have_arrived);
  }
  std::size_t bytes() const {
    return sizeof(Message) + subject.size() + text.size() + body.size() + raw.size() + target.size();
  }
};

/// The text, cut to so many UTF-16 units at the end of a character, with an ellipsis. Characters are never more.
std::string cut(std::string_view text, std::size_t most);

}  // namespace weir::alert_notify
