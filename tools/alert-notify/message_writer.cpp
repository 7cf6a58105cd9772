#include "message_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/json_text.hpp"
#include "record/object_writer.hpp"
#include "time/timestamp.hpp"

namespace weir::alert_notify {
namespace {

constexpr std::size_t most_lines = 50;  ///< of a notification of many alerts
constexpr std::size_t longest_text = 64'000;
/// Bytes of records that PagerDuty gets: its limit of a whole event is 512 kB.
constexpr std::size_t most_detail_bytes = 256 * 1024;

/// The records of a notice as a JSON list.
std::string records_of(const Notice& notice, std::size_t most_bytes = SIZE_MAX) {
  std::string list = "[";
  for (const Alert* each : notice.alerts) {
    if (list.size() + each->line.size() > most_bytes) break;
    if (list.size() > 1) list += ',';
    list += each->line;
  }
  return list + ']';
}

std::string without_newline(std::string text) {
  text.pop_back();
  return text;
}

/// Slack's three special characters.
std::string escape_slack(std::string_view text) {
  std::string made;
  for (const char c : text) {
    if (c == '&')
      made += "&amp;";
    else if (c == '<')
      made += "&lt;";
    else if (c == '>')
      made += "&gt;";
    else
      made += c;
  }
  return made;
}

std::string_view severity_of(std::string_view level) {
  switch (rank_of(level)) {
    case 3:
      return "critical";
    case 2:
      return "error";
    case 1:
      return "warning";
    default:
      return "info";
  }
}

/// A label's name as Alertmanager takes it: letters, digits and _, no digit first.
std::string label_name(std::string_view name) {
  std::string made;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    if (made.empty() && digit) made += '_';
    made += letter || digit ? c : '_';
  }
  return made.empty() ? "_" : made;
}

/// Calls `each` with the fields of an alert's key.
template <typename Each>
void for_labels(const Alert& alert, const Each& each) {
  if (alert.labels.empty()) return;
  FieldSet fields;
  fields.read_members();
  RecordParser parser(fields);
  const Record* const record = parser.parse_copy("{" + alert.labels.substr(1) + "}", 1);
  if (record == nullptr) return;
  for (const Member& member : record->members()) each(member);
}

void write_labels(ObjectWriter& writer, const Alert& alert, std::string_view id) {
  writer.begin_object("labels")
      .string("alertname", alert.rule.empty() ? "alert" : alert.rule)
      .string("severity", alert.level);
  if (!alert.parameter.empty()) writer.string("parameter", alert.parameter);
  for_labels(alert, [&](const Member& member) {
    const std::string name = label_name(member.key);
    if (name != "alertname" && name != "severity" && name != "parameter") writer.string(name, text_of(member.value));
  });
  writer.end_object();
  writer.begin_object("annotations").string("summary", alert.message.empty() ? alert.line : alert.message);
  if (!alert.value.empty()) writer.string("value", alert.value);
  writer.string("id", id).end_object();
}

bool is_time(const std::string& text) {
  Time time;
  return TimeParser().parse(text, time);
}

}  // namespace

Format parse_format(std::string_view text) {
  if (text.empty() || text == "alert") return Format::alert;
  if (text == "weir") return Format::weir;
  if (text == "cloudevents") return Format::cloudevents;
  if (text == "alertmanager") return Format::alertmanager;
  throw std::invalid_argument("format is alert, weir, cloudevents or alertmanager");
}

std::string cut(std::string_view text, std::size_t most) {
  std::size_t units = 0;
  std::size_t fits = 0;  // bytes of the text with room for an ellipsis
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    units += length == 4 ? 2 : 1;
    if (units > most) return std::string(text.substr(0, fits)) + "…";
    at += length;
    if (units < most) fits = std::min(at, text.size());
  }
  return std::string(text);
}

MessageWriter::MessageWriter(const std::vector<ChannelSpec>& channels, const std::map<std::string, Texts>& texts)
    : texts_(texts) {
  for (const ChannelSpec& spec : channels) {
    Target& target = targets_[spec.name];
    target.service = spec.service;
    try {
      if (spec.service == Service::webhook) target.format = parse_format(spec.text("format"));
      if (spec.service == Service::mqtt) target.topic.emplace(spec.text("topic"), topic_fields_);
    } catch (const ConfigError&) {
      throw;
    } catch (const std::invalid_argument& problem) {
      spec.fail(problem.what());
    }
    if (spec.service == Service::pagerduty) target.source = spec.text("source");
  }
  topic_parser_.emplace(topic_fields_);
}

void MessageWriter::write_texts(const Notice& notice, const Target& target, Message& message) {
  const std::size_t count = notice.alerts.size();
  const Alert& first = *notice.alerts.front();
  Texts texts = texts_.fill({first, notice.id, count}, missing_);
  const bool is_sms = target.service == Service::sms;
  std::string prefix;
  if (notice.kind == Cause::reminder) prefix = "Still: ";
  if (notice.kind == Cause::escalation) prefix = "Escalated: ";
  const std::string more = count > 1 ? fmt::format(" (+{} more)", count - 1) : "";
  message.subject = cut(prefix + texts.subject, longest_subject - more.size()) + more;
  if (is_sms) {
    const std::string end = fmt::format("{} [{}]", more, notice.id);
    message.text = cut(prefix + texts.brief, longest_sms - end.size()) + end;
    return;
  }
  message.text = prefix + texts.text;
  for (std::size_t i = 1; i < count; ++i) {
    message.text += '\n';
    if (i == most_lines && count - i > 1) {
      message.text += fmt::format("… and {} more", count - i);
      break;
    }
    message.text += texts_.fill({*notice.alerts[i], notice.id, count}, missing_).text;
  }
  message.text = cut(message.text, longest_text);
}

Message MessageWriter::write(const Notice& notice, const std::string& channel) {
  const Alert& first = *notice.alerts.front();
  Message message;
  message.id = notice.id;
  message.channel = channel;
  message.kind = name_of(notice.kind);
  message.level = first.level;
  message.why = notice.why;
  message.firing = notice.firing;
  message.is_for_history =
      notice.kind == Cause::silenced || notice.kind == Cause::cooldown || notice.kind == Cause::inhibited;
  message.dedup = notice.dedup;
  message.line = first.number;
  message.raw = first.line;
  message.time = first.time;
  const auto found = targets_.find(channel);
  if (found == targets_.end()) return message;
  const Target& target = found->second;
  write_texts(notice, target, message);
  if (message.is_for_history) return message;
  switch (target.service) {
    case Service::mail:
    case Service::sms:
      break;
    case Service::slack:
      message.body = slack_body(message);
      break;
    case Service::pagerduty:
      message.body = pagerduty_body(notice, target, message);
      break;
    case Service::alertmanager:
      message.body = alertmanager_alerts(notice);
      break;
    case Service::webhook:
      message.body = webhook_body(notice, target.format, message);
      break;
    case Service::mqtt: {
      const Record* record = topic_parser_->parse_copy(first.line, first.number);
      if (record == nullptr) record = topic_parser_->parse_copy("{}", first.number);
      message.target = target.topic->fill({first, notice.id, notice.alerts.size()}, *record, missing_);
      for (char& c : message.target)
        if (c == '+' || c == '#' || static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '_';
      message.body = weir_body(notice, message);
      break;
    }
    case Service::program:
      message.body = weir_body(notice, message);
      break;
  }
  return message;
}

std::string MessageWriter::slack_body(const Message& message) {
  std::string body;
  const std::string text = message.text == message.subject ? message.text : message.subject + "\n" + message.text;
  const std::string end = fmt::format("\n[{}]", message.id);
  ObjectWriter(body).string("text", cut(escape_slack(text), longest_slack - end.size()) + end).end();
  return without_newline(std::move(body));
}

/// An event of PagerDuty's version 2, without its routing key, which is a secret.
std::string MessageWriter::pagerduty_body(const Notice& notice, const Target& target, const Message& message) {
  const Alert& first = *notice.alerts.front();
  std::string body;
  ObjectWriter writer(body);
  writer.string("event_action", notice.firing ? "trigger" : "resolve").string("dedup_key", cut(notice.dedup, 255));
  writer.begin_object("payload").string("summary", cut(message.subject + ": " + message.text, longest_summary));
  const std::string source = target.source.empty() ? first.key : target.source;
  writer.string("source", cut(source.empty() ? "weir" : source, 255)).string("severity", severity_of(first.level));
  if (first.time) writer.time("timestamp", *first.time);
  if (!first.rule.empty()) writer.string("class", cut(first.rule, 255));
  writer.begin_object("custom_details")
      .string("id", notice.id)
      .raw("alerts", records_of(notice, most_detail_bytes))
      .end_object();
  writer.end_object().string("client", "weir alert-notify").end();
  return without_newline(std::move(body));
}

/// What POST /api/v2/alerts takes.
std::string MessageWriter::alertmanager_alerts(const Notice& notice) {
  std::string list = "[";
  for (const Alert* each : notice.alerts) {
    if (list.size() > 1) list += ',';
    ObjectWriter writer(list);
    write_labels(writer, *each, notice.id);
    if (is_time(each->since))
      writer.string("startsAt", each->since);
    else if (each->time && each->status != Status::resolved)
      writer.time("startsAt", *each->time);
    if (each->status == Status::resolved && each->time) writer.time("endsAt", *each->time);
    writer.end();
    list.pop_back();
  }
  return list + ']';
}

std::string MessageWriter::weir_body(const Notice& notice, const Message& message) {
  std::string body;
  ObjectWriter writer(body);
  writer.string("id", notice.id).string("kind", message.kind).string("state", notice.firing ? "firing" : "resolved");
  writer.string("level", message.level).string("dedup_key", notice.dedup).string("subject", message.subject);
  writer.string("text", message.text).raw("alerts", records_of(notice)).end();
  return without_newline(std::move(body));
}

std::string MessageWriter::webhook_body(const Notice& notice, Format format, const Message& message) {
  const Alert& first = *notice.alerts.front();
  if (format == Format::alert)
    return notice.alerts.size() == 1 ? first.line : fmt::format("{{\"alerts\":{}}}", records_of(notice));
  const std::string weir = weir_body(notice, message);
  if (format == Format::weir) return weir;
  std::string body;
  ObjectWriter writer(body);
  if (format == Format::cloudevents) {
    writer.string("specversion", "1.0").string("id", notice.id).string("source", "weir/alert-notify");
    writer.string("type", fmt::format("weir.alert.{}", message.kind));
    if (first.time) writer.time("time", *first.time);
    writer.string("datacontenttype", "application/json").raw("data", weir).end();
    return without_newline(std::move(body));
  }
  // Alertmanager's webhook, version 4.
  const std::string_view state = notice.firing ? "firing" : "resolved";
  writer.string("version", "4").string("groupKey", notice.dedup).integer("truncatedAlerts", 0).string("status", state);
  writer.string("receiver", message.channel)
      .raw("groupLabels", "{}")
      .raw("commonLabels", "{}")
      .raw("commonAnnotations", "{}");
  writer.string("externalURL", "");
  std::string list = "[";
  for (const Alert* each : notice.alerts) {
    if (list.size() > 1) list += ',';
    ObjectWriter one(list);
    one.string("status", each->status == Status::resolved ? "resolved" : "firing");
    write_labels(one, *each, notice.id);
    const std::string time = each->time ? format_time(*each->time) : "";
    one.string("startsAt", is_time(each->since) ? each->since : time);
    one.string("endsAt", each->status == Status::resolved && !time.empty() ? time : "0001-01-01T00:00:00Z");
    one.string("generatorURL", "").string("fingerprint", notice.dedup).end();
    list.pop_back();
  }
  writer.raw("alerts", list + "]").end();
  return without_newline(std::move(body));
}

}  // namespace weir::alert_notify
