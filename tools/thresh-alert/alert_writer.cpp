#include "alert_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "record/object_writer.hpp"
#include "time/duration.hpp"

namespace weir::thresh_alert {
namespace {

constexpr std::array<std::string_view, 8> member_names{"timestamp", "state",     "level", "rule",
                                                       "value",     "threshold", "since", "message"};

/// A JSON token as text in a sentence: a string without its quotes (escapes stay).
std::string_view plain(std::string_view token) {
  return token.size() >= 2 && token.front() == '"' ? token.substr(1, token.size() - 2) : token;
}

FieldSet members_only() {
  FieldSet fields;
  fields.read_members();
  return fields;
}

bool is_firing(const Alert& alert) { return alert.change.to != Level::ok; }

/// The level in an alert's line; a resolved alert has the level that it leaves.
Level level_of(const Alert& alert) { return is_firing(alert) ? alert.change.to : alert.change.from; }

}  // namespace

AlertWriter::AlertWriter(const Settings& settings, const GroupKey& by)
    : by_(by), by_paths_(settings.by), parameter_field_(settings.parameter_field), key_parser_(members_only()) {}

bool AlertWriter::is_member(std::string_view name) {
  return std::find(member_names.begin(), member_names.end(), name) != member_names.end();
}

std::vector<StageCounter> AlertWriter::own_counters() const {
  std::vector<StageCounter> counters;
  for (const auto& [alert, count] : triggered_)
    counters.push_back({"iot_alerts_triggered_total",
                        "Alerts raised, or changed to another level",
                        {{"level", std::string(name_of(alert.second))},
                         {"parameter", alert.first->parameter.value_or(alert.first->name)}},
                        count});
  return counters;
}

void AlertWriter::write(const Alert& alert, Output& out) {
  out.released = true;
  const Rule& rule = alert.rule;
  if (is_firing(alert)) ++triggered_[{&rule, level_of(alert)}];
  read_comparison(alert);
  read_key(alert.key);
  ObjectWriter writer(out.lines);
  const auto time = [&](std::string_view name, Time moment) {
    if (moment == Time::min())
      writer.null(name);
    else
      writer.time(name, moment);
  };
  time("timestamp", alert.change.time);
  writer.string("state", is_firing(alert) ? "firing" : "resolved")
      .string("level", name_of(level_of(alert)))
      .string("rule", rule.name);
  writer.raw("value", value_).raw("threshold", threshold_);
  out.lines += key_members_;
  const auto& by = by_.names();
  if (rule.parameter && std::find(by.begin(), by.end(), parameter_field_) == by.end())
    writer.string(parameter_field_, *rule.parameter);
  time("since", alert.change.since);
  message_.clear();
  append_message(alert, message_);
  writer.string("message", message_).end();
}

/// The comparison of the alert's value and threshold: while it fires the first true one, else the first.
const expr::Comparison* AlertWriter::deciding(const LevelRule& level, const Record& record, bool firing) {
  const auto& all = level.when.comparisons();
  if (firing) {
    for (const expr::Comparison& each : all)
      if (level.when.evaluate(each.whole, record).is_true()) return &each;
  }
  return all.empty() ? nullptr : &all.front();
}

void AlertWriter::read_comparison(const Alert& alert) {
  value_.clear();
  threshold_.clear();
  const LevelRule* level = alert.rule.at(level_of(alert));
  if (level == nullptr && !alert.rule.levels.empty()) level = &alert.rule.levels.front();  // the end of an absence
  if (level != nullptr && alert.record != nullptr) {
    if (const expr::Comparison* comparison = deciding(*level, *alert.record, is_firing(alert))) {
      level->when.append_token(value_, comparison->value, *alert.record);
      level->when.append_token(threshold_, comparison->threshold, *alert.record);
    }
  }
  if (value_.empty()) value_ = "null";
  if (threshold_.empty()) threshold_ = "null";
}

/// Parses the key's members, for the alert and its message.
void AlertWriter::read_key(std::string_view key) {
  key_members_.clear();
  key_record_ = nullptr;
  if (by_.names().empty()) return;
  by_.append_members(key_members_, key);
  key_record_ = key_parser_.parse_copy("{" + key_members_.substr(1) + "}", 0);
}

std::string AlertWriter::key_text() const {
  std::string text;
  if (key_record_ == nullptr) return text;
  for (const Member& member : key_record_->members()) {
    if (!text.empty()) text += ", ";
    text += member.value.text;
  }
  return text;
}

const MessageTemplate* AlertWriter::template_of(const Alert& alert) {
  const auto pointer = [](const std::optional<MessageTemplate>& each) { return each ? &*each : nullptr; };
  if (alert.change.to == Level::absent) return pointer(alert.rule.message_absent);
  if (!is_firing(alert) && alert.rule.message_resolved) return pointer(alert.rule.message_resolved);
  return pointer(alert.rule.message);
}

void AlertWriter::append_message(const Alert& alert, std::string& out) const {
  const MessageTemplate* const wanted = template_of(alert);
  if (wanted == nullptr) return append_default_message(alert, out);
  wanted->append(out, [&](const MessageTemplate::Place& place, std::string& text) {
    return place.is_word ? append_word(alert, place.name, text) : append_field(alert, place, text);
  });
}

/// Returns false when the alert has no such value.
bool AlertWriter::append_word(const Alert& alert, const std::string& name, std::string& out) const {
  if (name == "timestamp" || name == "since") {
    const Time moment = name == "since" ? alert.change.since : alert.change.time;
    if (moment == Time::min()) return false;
    append_time(out, moment);
  } else if (name == "state") {
    out += is_firing(alert) ? "firing" : "resolved";
  } else if (name == "level") {
    out += name_of(level_of(alert));
  } else if (name == "rule") {
    out += alert.rule.name;
  } else if (name == "key") {
    out += key_text();
  } else {
    const std::string& token = name == "value" ? value_ : threshold_;
    if (token == "null") return false;
    out += plain(token);
  }
  return true;
}

/// Returns false when the field is missing or null. A field of the key needs no record.
bool AlertWriter::append_field(const Alert& alert, const MessageTemplate::Place& place, std::string& out) const {
  if (key_record_ != nullptr) {
    for (std::size_t i = 0; i < by_paths_.size(); ++i) {
      const Value& field = key_record_->members()[i].value;
      if (by_paths_[i] != place.name || !field.present()) continue;
      out += field.text;
      return true;
    }
  }
  if (alert.rule.parameter && place.name == parameter_field_) {
    out += *alert.rule.parameter;
    return true;
  }
  if (alert.record == nullptr || !(*alert.record)[place.field].present()) return false;
  out += (*alert.record)[place.field].text;
  return true;
}

/// Builds `Athens: temperature_c > 35 (warning): value 36.2, threshold 35`.
void AlertWriter::append_default_message(const Alert& alert, std::string& out) const {
  const Rule& rule = alert.rule;
  if (key_record_ != nullptr) out += key_text() + ": ";
  if (alert.change.to == Level::absent) {
    out += fmt::format("no record for {}", format_duration(*rule.absent));
    return;
  }
  out += rule.name;
  if (alert.change.to == Level::ok)
    out += alert.change.from == Level::absent ? " is back" : " resolved";
  else
    out += fmt::format(" ({})", name_of(alert.change.to));
  if (value_ != "null") out += fmt::format(": value {}", plain(value_));
  if (value_ != "null" && threshold_ != "null") out += fmt::format(", threshold {}", plain(threshold_));
}

}  // namespace weir::thresh_alert
