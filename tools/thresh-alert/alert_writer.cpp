// How an alert is written.
#include <fmt/format.h>

#include <algorithm>

#include "record/object_writer.hpp"
#include "thresh_alert.hpp"
#include "time/duration.hpp"

namespace weir::thresh_alert {
namespace {

/// A JSON token as it reads in a sentence: a string without its quotes (escapes stay).
std::string_view plain(std::string_view token) {
  return token.size() >= 2 && token.front() == '"' ? token.substr(1, token.size() - 2) : token;
}

}  // namespace

/// The comparison whose sides are the alert's value and threshold: while it fires the first that holds, else the first.
const expr::Comparison* ThreshAlert::deciding(const LevelRule& level, const Record& record, bool firing) const {
  const auto& all = level.when.comparisons();
  if (firing) {
    for (const expr::Comparison& each : all)
      if (level.when.evaluate(each.whole, record).is_true()) return &each;
  }
  return all.empty() ? nullptr : &all.front();
}

void ThreshAlert::write(const Alert& alert, Output& out) {
  const Rule& rule = rules_[alert.rule];
  const bool firing = alert.change.to != Level::ok;
  // Of a resolved alert the level that is left is the one to tell of.
  const Level level = firing ? alert.change.to : alert.change.from;
  value_scratch_.clear();
  threshold_scratch_.clear();
  const LevelRule* of = rule.at(level);
  if (of == nullptr && !rule.levels.empty() && alert.record != nullptr)
    of = &rule.levels.front();  // back from an absence
  if (of != nullptr && alert.record != nullptr) {
    if (const expr::Comparison* comparison = deciding(*of, *alert.record, firing)) {
      of->when.append_token(value_scratch_, comparison->value, *alert.record);
      of->when.append_token(threshold_scratch_, comparison->threshold, *alert.record);
    }
  }
  const auto token = [](const std::string& text) {
    return text.empty() ? std::string_view("null") : std::string_view(text);
  };
  read_key(alert.record != nullptr ? key_ : keys_.key(alert.key));
  ObjectWriter writer(out.lines);
  const auto time = [&](std::string_view name, Time moment) {
    if (moment == Time::min())
      writer.null(name);
    else
      writer.time(name, moment);
  };
  time("timestamp", alert.change.time);
  writer.string("state", firing ? "firing" : "resolved").string("level", name_of(level)).string("rule", rule.name);
  writer.raw("value", token(value_scratch_)).raw("threshold", token(threshold_scratch_));
  out.lines += key_members_;
  const auto& by = by_.names();
  if (rule.parameter && std::find(by.begin(), by.end(), settings_.parameter_field) == by.end())
    writer.string(settings_.parameter_field, *rule.parameter);
  time("since", alert.change.since);
  message_scratch_.clear();
  write_message(alert, token(value_scratch_), token(threshold_scratch_), message_scratch_);
  writer.string("message", message_scratch_).end();
}

/// Takes a key apart, for its line and its message.
void ThreshAlert::read_key(std::string_view key) {
  key_members_.clear();
  key_record_ = nullptr;
  if (by_.names().empty()) return;
  by_.append_members(key_members_, key);
  key_record_ = key_parser_.parse_copy("{" + key_members_.substr(1) + "}", 0);
}

std::string ThreshAlert::key_text() const {
  std::string text;
  if (key_record_ == nullptr) return text;
  for (const Member& member : key_record_->members()) {
    if (!text.empty()) text += ", ";
    text += member.value.text;
  }
  return text;
}

void ThreshAlert::write_message(const Alert& alert, std::string_view value, std::string_view threshold,
                                std::string& out) const {
  const Rule& rule = rules_[alert.rule];
  const bool firing = alert.change.to != Level::ok;
  const MessageTemplate* wanted = nullptr;
  if (alert.change.to == Level::absent) {
    if (rule.message_absent) wanted = &*rule.message_absent;
  } else if (!firing && rule.message_resolved) {
    wanted = &*rule.message_resolved;
  } else if (rule.message) {
    wanted = &*rule.message;
  }
  if (wanted == nullptr) return default_message(alert, value, threshold, out);
  wanted->append(out, [&](const MessageTemplate::Place& place, std::string& text) {
    const std::string& name = place.name;
    if (place.is_word) {
      if (name == "timestamp" || name == "since") {
        const Time moment = name == "since" ? alert.change.since : alert.change.time;
        if (moment == Time::min()) return false;
        append_time(text, moment);
      } else if (name == "state") {
        text += firing ? "firing" : "resolved";
      } else if (name == "level") {
        text += name_of(firing ? alert.change.to : alert.change.from);
      } else if (name == "rule") {
        text += rule.name;
      } else if (name == "key") {
        text += key_text();
      } else {
        const std::string_view token = name == "value" ? value : threshold;
        if (token == "null") return false;
        text += plain(token);
      }
      return true;
    }
    // A field of the key is known without a record too.
    if (key_record_ != nullptr) {
      for (std::size_t i = 0; i < settings_.by.size(); ++i) {
        const Value& field = key_record_->members()[i].value;
        if (settings_.by[i] != name || !field.present()) continue;
        text += field.text;
        return true;
      }
    }
    if (rule.parameter && name == settings_.parameter_field) {
      text += *rule.parameter;
      return true;
    }
    if (alert.record == nullptr || !(*alert.record)[place.field].present()) return false;
    text += (*alert.record)[place.field].text;
    return true;
  });
}

/// `Athens: temperature_c > 35 (warning): value 36.2, threshold 35`
void ThreshAlert::default_message(const Alert& alert, std::string_view value, std::string_view threshold,
                                  std::string& out) const {
  const Rule& rule = rules_[alert.rule];
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
  if (value != "null") out += fmt::format(": value {}", plain(value));
  if (value != "null" && threshold != "null") out += fmt::format(", threshold {}", plain(threshold));
}

}  // namespace weir::thresh_alert
