// Makes messages of notices.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config.hpp"
#include "desk.hpp"
#include "message.hpp"

namespace weir::alert_notify {

/// Limits of the services, in characters.
inline constexpr std::size_t longest_sms = 1600;
inline constexpr std::size_t longest_summary = 1024;
inline constexpr std::size_t longest_slack = 40'000;
inline constexpr std::size_t longest_subject = 250;

/// How a webhook's body looks.
enum class Format : std::uint8_t { alert, weir, cloudevents, alertmanager };

/// Throws std::invalid_argument.
Format parse_format(std::string_view text);

/// Fills in the texts and makes the body that each channel's service wants.
class MessageWriter {
 public:
  /// Throws std::invalid_argument.
  MessageWriter(const std::vector<ChannelSpec>& channels, const std::map<std::string, Texts>& texts);

  Message write(const Notice& notice, const std::string& channel);
  /// Fields of texts and topics that an alert did not have, so that `null` stands for them.
  const std::set<std::string>& missing() const { return missing_; }

 private:
  struct Target {
    Service service{};
    Format format = Format::alert;
    std::string source;  ///< of PagerDuty's events
    std::optional<Template> topic;
  };
  void write_texts(const Notice& notice, const Target& target, Message& message);
  static std::string slack_body(const Message& message);
  static std::string pagerduty_body(const Notice& notice, const Target& target, const Message& message);
  static std::string alertmanager_alerts(const Notice& notice);
  static std::string webhook_body(const Notice& notice, Format format, const Message& message);
  static std::string weir_body(const Notice& notice, const Message& message);

  TemplateSet texts_;
  std::map<std::string, Target> targets_;
  std::set<std::string> missing_;
  FieldSet topic_fields_;
  std::optional<RecordParser> topic_parser_;
};

}  // namespace weir::alert_notify
