#include "message_shaper.hpp"

#include "record/control.hpp"
#include "record/json_text.hpp"
#include "record/member_path.hpp"
#include "time/timestamp.hpp"

namespace weir::mqtt_sub {
namespace {

constexpr std::string_view line_breaks = "\n\r";

bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view without_trailing_space(std::string_view text) {
  while (!text.empty() && is_json_space(text.back())) text.remove_suffix(1);
  return text;
}

FieldSet all_members() {
  FieldSet fields;
  fields.read_members();
  return fields;
}

/// Calls `use(level)` for each level of the topic while it returns true.
template <typename Use>
void for_each_level(std::string_view topic, Use use) {
  for (;;) {
    const auto slash = topic.find('/');
    if (!use(topic.substr(0, slash)) || slash == std::string_view::npos) return;
    topic.remove_prefix(slash + 1);
  }
}

}  // namespace

void append_compact_json(std::string& out, std::string_view json) {
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) out += json[++i];
      if (c == '"') in_string = false;
    } else if (!is_json_space(c)) {
      out += c;
      in_string = c == '"';
    }
  }
}

MessageShaper::MessageShaper(Shape shape)
    : shape_(std::move(shape)),
      levels_([this] {
        std::vector<std::optional<Named>> levels;
        for (const std::string& name : shape_.topic_fields) {
          if (name == passed_over) {
            levels.emplace_back();
          } else {
            levels.emplace_back(Named{name, fields_.add(member_path(name))});
          }
        }
        return levels;
      }()),
      stamp_(shape_.stamp.empty() ? std::optional<Named>()
                                  : Named{shape_.stamp, fields_.add(member_path(shape_.stamp))}),
      parser_(fields_, shape_.checking),
      value_parser_(all_members(), Checking::every_token) {}

Verdict MessageShaper::write(const mqtt::Message& message, Time received, std::string& out) {
  if (message.payload.size() > shape_.max_line) return Verdict::reject("the payload is longer than --max-line");
  std::string_view payload = message.payload;
  if (payload.find_first_of(line_breaks) != std::string_view::npos) {
    payload = without_trailing_space(payload);
    if (payload.find_first_of(line_breaks) != std::string_view::npos) {
      one_line_.clear();
      append_compact_json(one_line_, payload);
      payload = one_line_;
    }
  }
  const Record* object = parser_.parse_copy(payload, 1);
  if (shape_.wrap == Shape::Wrap::envelope || (shape_.wrap == Shape::Wrap::others && object == nullptr))
    return write_wrapped(message, object, received, out);
  if (object == nullptr) return Verdict::reject(payload.empty() ? "the payload is empty" : parser_.reason());
  if (is_control_line(payload)) return Verdict::reject("the payload begins like a control line");
  return write_object(message, *object, received, out);
}

Verdict MessageShaper::write_object(const mqtt::Message& message, const Record& record, Time received,
                                    std::string& out) {
  if (levels_.empty() && !stamp_) {
    out += record.line();
    out += '\n';
    return Verdict::ok();
  }
  splicer_.begin(record);
  if (!levels_.empty()) {
    if (!is_utf8(message.topic)) return Verdict::reject("the topic is not UTF-8");
    auto wanted = levels_.begin();
    for_each_level(message.topic, [&](std::string_view level) {
      if (const auto& field = *wanted; field && !record[field->id].present()) {
        token_.clear();
        append_json_string(token_, level);
        splicer_.set(record[field->id], field->name, token_);
      }
      return ++wanted != levels_.end();
    });
  }
  if (stamp_ && !record[stamp_->id].present()) {
    token_ = '"';
    append_time(token_, received);
    token_ += '"';
    splicer_.set(record[stamp_->id], stamp_->name, token_);
  }
  splicer_.write(out);
  return Verdict::ok();
}

std::optional<std::string_view> MessageShaper::json_value(std::string_view payload) {
  candidate_ = "{\"v\":";
  candidate_ += payload;
  candidate_ += '}';
  const Record* record = value_parser_.parse_copy(candidate_, 1);
  // `1,"w":2` would also make a valid object, but with a second member.
  if (record == nullptr || record->members().size() != 1) return std::nullopt;
  return record->members().front().value.raw;
}

Verdict MessageShaper::write_wrapped(const mqtt::Message& message, const Record* object, Time received,
                                     std::string& out) {
  if (!is_utf8(message.topic)) return Verdict::reject("the topic is not UTF-8");
  ObjectWriter writer(out);
  writer.string("topic", message.topic);
  if (shape_.wrap == Shape::Wrap::envelope)
    writer.integer("qos", static_cast<std::int64_t>(message.qos)).boolean("retain", message.retained);
  const std::string_view trimmed = without_trailing_space(message.payload);
  const bool one_line = trimmed.find_first_of(line_breaks) == std::string_view::npos;
  if (object != nullptr) {
    writer.raw("payload", object->line());
  } else if (const auto value = json_value(one_line ? trimmed : std::string_view(one_line_))) {
    writer.raw("payload", *value);
  } else if (is_utf8(message.payload)) {
    writer.string("payload", message.payload);
  } else {
    token_.clear();
    append_base64(token_, message.payload);
    writer.string("payload_base64", token_);
  }
  if (!levels_.empty()) {
    auto wanted = levels_.begin();
    for_each_level(message.topic, [&](std::string_view level) {
      if (*wanted) writer.string((*wanted)->name, level);
      return ++wanted != levels_.end();
    });
  }
  if (stamp_) writer.time(stamp_->name, received);
  writer.end();
  return Verdict::ok();
}

}  // namespace weir::mqtt_sub
