#include "alert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "net/smtp/message.hpp"
#include "record/group_key.hpp"
#include "record/json_text.hpp"
#include "record/object_writer.hpp"
#include "template.hpp"

namespace weir::alert_notify {
namespace {

/// The members that are no part of the key when --by does not name it.
constexpr std::array<std::string_view, 13> own_members{"state",     "level", "severity", "rule",      "value",
                                                       "threshold", "since", "message",  "parameter", "ack",
                                                       "alerts",    "rev",   "retracted"};

bool is_own(std::string_view name) {
  return std::find(own_members.begin(), own_members.end(), name) != own_members.end();
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool is_scalar(const Value& value) {
  return value.kind == Kind::string || value.kind == Kind::number || value.kind == Kind::boolean;
}

std::string scalar_text(const Value& value) { return is_scalar(value) ? text_of(value) : std::string(); }

/// A part of an identity. One in which its end could be mistaken is a JSON string.
std::string part_of_identity(const std::string& text) {
  const auto is_odd = [](char c) { return c == '"' || static_cast<unsigned char>(c) < ' '; };
  if (std::none_of(text.begin(), text.end(), is_odd)) return text;
  std::string quoted;
  append_json_string(quoted, is_utf8(text) ? text : "?");
  return quoted;
}

/// A scalar as JSON: the same bytes for the same string, however it was escaped.
std::string canonical(const Value& value) {
  std::string made(value.raw);
  if (value.kind != Kind::string || value.raw.find('\\') == std::string_view::npos) return made;
  if (const std::string text = text_of(value); is_utf8(text)) {
    made.clear();
    append_json_string(made, text);
  }
  return made;
}

char type_of(const Value& value) { return value.kind == Kind::string ? 's' : value.kind == Kind::number ? 'n' : 'b'; }

/// Gathers the key of an alert.
class KeyBuilder {
 public:
  explicit KeyBuilder(Alert& alert) : alert_(alert) {}

  enum class Shown : std::uint8_t { yes, no };
  /// Takes a field, whose name is JSON. What is null or no scalar is no part of the key.
  void add(std::string_view name, const Value& value, Shown shown = Shown::yes) {
    if (!is_scalar(value)) return;
    alert_.labels += fmt::format(",{}:{}", name, canonical(value));
    alert_.form += fmt::format(",{}:{}", name, type_of(value));
    if (shown == Shown::no) return;
    const std::string text = text_of(value);
    if (values_ > 0) alert_.key += ", ";
    alert_.key += text;
    ++values_;
    is_empty_ |= text.empty();
    has_separator_ |= text.find(", ") != std::string::npos;
  }

  /// `missing`: fields of --by are. Rejects a key that is too long to be remembered; an event has a hash of it.
  Verdict finish(bool missing) {
    const bool tells_apart = !is_empty_ && (values_ <= 1 || !has_separator_);
    alert_.key_is_plain = alert_.labels.empty() || (tells_apart && !missing);
    alert_.identity = part_of_identity(alert_.rule) + '\x1f' + part_of_identity(alert_.parameter) + alert_.labels;
    if (alert_.identity.size() <= GroupKey::max_size) return Verdict::ok();
    if (alert_.status != Status::event) return Verdict::reject("the key is longer than 4096 bytes");
    alert_.identity = smtp::fingerprint({alert_.identity});
    return Verdict::ok();
  }

 private:
  Alert& alert_;
  std::size_t values_ = 0;
  bool is_empty_ = false, has_separator_ = false;
};

FieldSet members_only() {
  FieldSet fields;
  fields.read_members();
  return fields;
}

FieldId add(FieldSet& fields, std::string_view name, const char* option) {
  try {
    return fields.add(name);
  } catch (const std::invalid_argument& problem) {
    throw std::invalid_argument(fmt::format("{}: {}", option, problem.what()));
  }
}

}  // namespace

void Alert::state(StateArchive& archive) {
  archive.values(line, number, time, status, level, rule, parameter, key, labels);
  archive.values(identity, value, threshold, since, message);
}

int rank_of(std::string_view level) {
  for (const std::string_view each : {"critical", "fatal", "emergency", "alert", "crit", "page"})
    if (level == each) return 3;
  if (level == "error" || level == "err" || level == "high") return 2;
  for (const std::string_view each : {"info", "notice", "ok", "debug", "none", "low"})
    if (level == each) return 0;
  return 1;
}

bool is_usual_level(std::string_view level) {
  return level == "warning" || level == "warn" || rank_of(level) != 1;  // 1 is also that of all others
}

AlertReader::AlertReader(const ReadingSettings& settings, FieldSet& fields)
    : fields_(fields),
      time_(settings.time, fields),
      time_names_(settings.time.names()),
      elements_(own_),
      status_(foreign_fields_.add("status")),
      starts_(foreign_fields_.add("startsAt")),
      ends_(foreign_fields_.add("endsAt")),
      name_(foreign_fields_.add("labels.alertname")),
      their_severity_(foreign_fields_.add("labels.severity")),
      summary_(foreign_fields_.add("annotations.summary")),
      description_(foreign_fields_.add("annotations.description")),
      their_labels_(foreign_fields_.add("labels")),
      foreign_(foreign_fields_),
      label_fields_(members_only()),
      labels_parser_(label_fields_) {
  fields.read_members();
  for (const std::string& path : settings.by) {
    by_.push_back(add(fields, path, "--by"));
    by_names_.push_back(FieldSet::plain_name(path));
  }
  ack_ = fields.add("ack");
  alerts_ = fields.add("alerts");
  state_ = fields.add("state");
  level_ = fields.add("level");
  severity_ = fields.add("severity");
  rule_ = fields.add("rule");
  parameter_ = fields.add("parameter");
  value_ = fields.add("value");
  threshold_ = fields.add("threshold");
  since_ = fields.add("since");
  message_ = fields.add("message");
}

std::string AlertReader::acknowledged(const Record& record) const { return scalar_text(record[ack_]); }

Verdict AlertReader::read(const Record& record, std::vector<Alert>& alerts) {
  if (record[alerts_].kind == Kind::array) return read_list(record, alerts);
  Alert alert;
  if (Verdict verdict = read_one(record, alert); verdict.rejected()) return verdict;
  alerts.push_back(std::move(alert));
  return Verdict::ok();
}

Verdict AlertReader::read_one(const Record& record, Alert& alert) {
  if (Verdict verdict = time_.read(record, alert.time); verdict.rejected()) return verdict;
  const std::string state = lower(scalar_text(record[state_]));
  if (state == "firing" || state == "active")
    alert.status = Status::firing;
  else if (state == "resolved")
    alert.status = Status::resolved;
  alert.level = lower(scalar_text(record[level_]));
  if (alert.level.empty()) alert.level = lower(scalar_text(record[severity_]));
  if (alert.level.empty()) alert.level = "warning";
  alert.line = record.line();
  alert.number = record.line_number();
  alert.rule = scalar_text(record[rule_]);
  alert.parameter = scalar_text(record[parameter_]);
  alert.value = scalar_text(record[value_]);
  alert.threshold = scalar_text(record[threshold_]);
  alert.since = scalar_text(record[since_]);
  alert.message = scalar_text(record[message_]);
  return read_key(record, alert);
}

/// The fields of --by, or all members that are not an alert's own.
Verdict AlertReader::read_key(const Record& record, Alert& alert) const {
  KeyBuilder key(alert);
  std::string quoted;
  const auto take = [&](std::string_view name, const Value& value) {
    quoted.clear();
    append_json_string(quoted, is_utf8(name) ? name : "?");
    key.add(quoted, value, name == "parameter" ? KeyBuilder::Shown::no : KeyBuilder::Shown::yes);
  };
  bool missing = false;
  for (std::size_t i = 0; i < by_.size(); ++i) {
    take(by_names_[i], record[by_[i]]);
    missing |= !is_scalar(record[by_[i]]);
  }
  if (by_.empty()) {
    for (const Member& member : record.members()) {
      const bool is_time = std::find(time_names_.begin(), time_names_.end(), member.key) != time_names_.end();
      if (!is_time && !is_own(member.key)) take(member.key, member.value);
    }
  }
  return key.finish(missing);
}

/// A list of alerts: those of Alertmanager's webhook (version 4) or Grafana's, which have labels, or records of their
/// own.
Verdict AlertReader::read_list(const Record& record, std::vector<Alert>& alerts) {
  std::vector<std::string> elements;
  bool objects = true;
  const bool walked = elements_.each_element(record[alerts_].raw, [&](const Value& element) {
    objects = objects && element.kind == Kind::object;
    elements.emplace_back(element.raw);
    return objects;
  });
  if (!walked || !objects) return Verdict::reject("alerts is not a list of objects");
  const std::uint64_t number = record.line_number();
  std::vector<Alert> read;
  for (const std::string& element : elements) {
    const Record* one = foreign_.parse_copy(element, number);
    if (one == nullptr) return Verdict::reject(fmt::format("alerts has an element that is {}", foreign_.reason()));
    Alert alert;
    if ((*one)[their_labels_].kind == Kind::object) {
      if (Verdict verdict = read_foreign(*one, number, alert); verdict.rejected()) return verdict;
    } else {
      if (!native_) native_.emplace(fields_);
      one = native_->parse_copy(element, number);
      if (one == nullptr) return Verdict::reject(fmt::format("alerts has an element that is {}", native_->reason()));
      if (Verdict verdict = read_one(*one, alert); verdict.rejected()) return verdict;
    }
    read.push_back(std::move(alert));
  }
  for (Alert& each : read) alerts.push_back(std::move(each));
  return Verdict::ok();
}

Verdict AlertReader::read_foreign(const Record& one, std::uint64_t number, Alert& alert) {
  alert.number = number;
  const bool resolved = one[status_].text == "resolved";
  alert.status = resolved ? Status::resolved : Status::firing;
  alert.rule = scalar_text(one[name_]);
  alert.level = lower(scalar_text(one[their_severity_]));
  if (alert.level.empty()) alert.level = "warning";
  alert.since = scalar_text(one[starts_]);
  alert.message = scalar_text(one[summary_]);
  if (alert.message.empty()) alert.message = scalar_text(one[description_]);
  const std::string when = scalar_text(one[resolved ? ends_ : starts_]);
  if (Time time; !when.empty() && their_times_.parse(when, time)) alert.time = time;
  const Record* const labels = labels_parser_.parse_copy(one[their_labels_].raw, number);
  if (labels == nullptr) return Verdict::reject(fmt::format("labels: {}", labels_parser_.reason()));
  KeyBuilder key(alert);
  for (const Member& member : labels->members()) {
    if (member.key != "alertname" && member.key != "severity") key.add(member.raw_key, member.value);
  }
  if (Verdict verdict = key.finish(false); verdict.rejected()) return verdict;
  ObjectWriter writer(alert.line);
  if (alert.time) writer.time("timestamp", *alert.time);
  writer.string("state", resolved ? "resolved" : "firing").string("level", alert.level).string("rule", alert.rule);
  alert.line += alert.labels;
  if (!alert.since.empty()) writer.string("since", alert.since);
  writer.string("message", alert.message).end();
  alert.line.pop_back();
  return Verdict::ok();
}

}  // namespace weir::alert_notify
