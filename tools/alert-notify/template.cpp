#include "template.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "record/json_text.hpp"
#include "time/timestamp.hpp"

namespace weir::alert_notify {
namespace {

constexpr std::array<std::string_view, 17> word_names{"id",        "count", "level",     "LEVEL",   "state", "rule",
                                                      "key",       "what",  "where",     "at",      "is",    "value",
                                                      "threshold", "since", "timestamp", "message", "record"};

bool is_word(std::string_view name) {
  for (const std::string_view each : word_names)
    if (each == name) return true;
  return false;
}

std::string upper(std::string_view text) {
  std::string made(text);
  for (char& c : made)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return made;
}

std::string what_of(const Alert& alert) {
  if (!alert.parameter.empty()) return alert.parameter;
  return alert.rule.empty() ? "alert" : alert.rule;
}

const std::map<std::string, Texts>& built_in() {
  static const std::map<std::string, Texts> texts{
      {"critical", {"🚨 CRITICAL: {what} Alert", "Critical alert{at}: {message}", "CRITICAL: {what}{is}{at}"}},
      {"warning", {"⚠️ WARNING: {what}", "Warning{at}: {message}", "WARNING: {what}{is}{at}"}},
      {"resolved", {"✅ RESOLVED: {what}", "Resolved{at}: {message}", "RESOLVED: {what}{is}{at}"}},
      {"default", {"{LEVEL}: {what}", "{LEVEL}{at}: {message}", "{LEVEL}: {what}{is}{at}"}},
  };
  return texts;
}

}  // namespace

std::string text_of(const Value& value) {
  if (value.kind == Kind::missing) return {};
  if (is_utf8(value.text)) return std::string(value.text);
  return std::string(value.raw.substr(1, value.raw.size() - 2));
}

Template::Template(std::string_view text, FieldSet& fields) {
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) parts_.push_back({std::move(literal), {}, {}, false});
    literal.clear();
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if ((c == '{' || c == '}') && at + 1 < text.size() && text[at + 1] == c) {
      literal += c;
      ++at;
    } else if (c == '{') {
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) throw std::invalid_argument("a { is not closed; {{ is a brace");
      const std::string_view body = text.substr(at + 1, end - at - 1);
      const std::size_t colon = body.find(":-");
      Part part;
      part.name = body.substr(0, colon);
      if (part.name.empty()) throw std::invalid_argument("{} has no name in it");
      part.has_default = colon != std::string_view::npos;
      if (part.has_default) part.text = body.substr(colon + 2);
      if (!is_word(part.name)) part.field = fields.add(part.name);
      end_literal();
      parts_.push_back(std::move(part));
      at = end;
    } else if (c == '}') {
      throw std::invalid_argument("a } stands alone; }} is a brace");
    } else {
      literal += c;
    }
  }
  end_literal();
}

bool Template::find(const TemplateValues& given, std::string_view name, std::string& value) {
  const Alert& alert = given.alert;
  if (name == "id") {
    value = given.id;
  } else if (name == "count") {
    value = fmt::format("{}", given.count);
  } else if (name == "level") {
    value = alert.level;
  } else if (name == "LEVEL") {
    value = upper(alert.level);
  } else if (name == "state") {
    value = alert.status == Status::resolved ? "resolved" : alert.status == Status::firing ? "firing" : "event";
  } else if (name == "rule") {
    value = alert.rule;
  } else if (name == "what") {
    value = what_of(alert);
  } else if (name == "key" || name == "where") {
    value = alert.key;
  } else if (name == "at") {
    value = alert.key.empty() ? "" : " at " + alert.key;
    return true;
  } else if (name == "is") {
    value = alert.value.empty() ? "" : " = " + alert.value;
    return true;
  } else if (name == "value") {
    value = alert.value;
  } else if (name == "threshold") {
    value = alert.threshold;
  } else if (name == "since") {
    value = alert.since;
  } else if (name == "timestamp") {
    value = alert.time ? format_time(*alert.time) : "";
  } else if (name == "message") {
    value = alert.message.empty() ? alert.line : alert.message;
  } else {
    value = alert.line;
  }
  return !value.empty();
}

std::string Template::fill(const TemplateValues& given, const Record& record, std::set<std::string>& missing) const {
  std::string out;
  std::string value;
  for (const Part& part : parts_) {
    if (part.name.empty()) {
      out += part.text;
      continue;
    }
    bool there = false;
    if (is_word(part.name)) {
      there = find(given, part.name, value);
    } else if (const Value& field = record[part.field]; field.present()) {
      value = text_of(field);
      there = true;
    }
    if (!there && !part.has_default && !is_word(part.name)) missing.insert(part.name);
    out += there ? value : part.has_default ? part.text : "null";
  }
  return out;
}

TemplateSet::TemplateSet(const std::map<std::string, Texts>& given) {
  std::map<std::string, Texts> all = built_in();
  for (const auto& [level, texts] : given) {
    const auto known = all.find(level);
    Texts merged = known == all.end() ? all.at("default") : known->second;
    if (!texts.subject.empty()) merged.subject = texts.subject;
    if (!texts.text.empty()) merged.text = texts.text;
    if (!texts.brief.empty()) merged.brief = texts.brief;
    all.insert_or_assign(level, std::move(merged));
  }
  for (const auto& [level, texts] : all)
    by_level_.insert({level, Three{Template(texts.subject, fields_), Template(texts.text, fields_),
                                   Template(texts.brief, fields_)}});
  parser_.emplace(fields_);
}

Texts TemplateSet::fill(const TemplateValues& given, std::set<std::string>& missing) {
  static const std::string empty_record = "{}";
  const Record* record = parser_->parse_copy(given.alert.line, given.alert.number);
  if (record == nullptr) record = parser_->parse_copy(empty_record, given.alert.number);
  const auto level = by_level_.find(given.alert.status == Status::resolved ? "resolved" : given.alert.level);
  const Three& three = level == by_level_.end() ? by_level_.at("default") : level->second;
  Texts made{three.subject.fill(given, *record, missing), three.text.fill(given, *record, missing),
             three.brief.fill(given, *record, missing)};
  for (char& c : made.subject)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  return made;
}

}  // namespace weir::alert_notify
