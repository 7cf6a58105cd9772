#include "message_shaper.hpp"

#include "record/foreign_json.hpp"
#include "record/json_text.hpp"
#include "record/member_path.hpp"
#include "record/token_cursor.hpp"
#include "time/timestamp.hpp"

namespace weir::mqtt_sub {
namespace {

constexpr std::string_view line_breaks = "\n\r";

bool has_line_breaks(std::string_view text) { return text.find_first_of(line_breaks) != std::string_view::npos; }

std::string_view without_trailing_space(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
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

MessageShaper::MessageShaper(Shape shape)
    : shape_(std::move(shape)),
      control_key_(fields_),
      time_(shape_.time, fields_),
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
      parser_(fields_, Checking::every_token),
      value_parser_(all_members(), Checking::every_token) {}

/// The payload without what frames it, and without line breaks.
std::string_view MessageShaper::on_one_line(std::string_view payload) {
  payload = without_frame(payload);
  if (!has_line_breaks(payload)) return payload;
  payload = without_trailing_space(payload);
  if (!has_line_breaks(payload)) return payload;
  one_line_.clear();
  append_on_one_line(one_line_, payload);
  return one_line_;
}

/// The payload as a record, nullptr when it is none: reason_ then tells why.
const Record* MessageShaper::parse(std::string_view payload) {
  if (const Record* record = parser_.parse_copy(payload, 1)) return record;
  reason_ = payload.empty() ? "the payload is empty" : parser_.reason();
  repaired_.clear();
  if (!append_without_nan(repaired_, payload)) return nullptr;
  const Record* const record = parser_.parse_copy(repaired_, 1);
  if (record != nullptr && shape_.nan == NanTokens::null) return record;
  if (record != nullptr) reason_ = "NaN and infinity are not JSON (--nan null makes them null)";
  return nullptr;
}

Verdict MessageShaper::write(const mqtt::Message& message, Time received, std::string& out) {
  if (message.payload.size() > shape_.max_line) return Verdict::reject(too_long);
  const std::string_view payload = on_one_line(message.payload);
  const Record* object = parse(payload);
  if (shape_.wrap == Shape::Wrap::envelope || (shape_.wrap == Shape::Wrap::others && object == nullptr))
    return write_wrapped(message, payload, object, received, out);
  if (object == nullptr) return Verdict::reject(reason_ == not_an_object ? reason_ + " (--raw wraps it)" : reason_);
  return write_object(message, *object, received, out);
}

Verdict MessageShaper::write_object(const mqtt::Message& message, const Record& record, Time received,
                                    std::string& out) {
  if (Verdict verdict = control_key_.check(record); verdict.rejected()) return verdict;
  const bool stamped = stamp_ && !record[stamp_->id].present();
  // The time of receipt needs no look where it takes the place of a missing one.
  const bool has_time = !(stamped && stamp_->id == time_.field());
  if (has_time)
    if (Verdict verdict = time_.read(record, received); verdict.rejected()) return verdict;
  if (levels_.empty() && !stamped && !time_.normalises()) {
    out += record.line();
    out += '\n';
    return Verdict::ok();
  }
  splicer_.begin(record);
  if (has_time && time_.normalises()) splicer_.set(record[time_.field()], time_.path(), time_.token());
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
  if (stamped) {
    token_ = '"';
    append_time(token_, received);
    token_ += '"';
    splicer_.set(record[stamp_->id], stamp_->name, token_);
  }
  splicer_.write(out);
  return Verdict::ok();
}

/// The payload as a JSON value that is not an object, if it is one.
std::optional<std::string_view> MessageShaper::json_value(std::string_view payload) {
  const auto value_of = [this](std::string_view text) -> std::optional<std::string_view> {
    candidate_.assign("{\"v\":").append(text).append("}");
    const Record* record = value_parser_.parse_copy(candidate_, 1);
    // `1,"w":2` would also make a valid object, but with a second member.
    if (record == nullptr || record->members().size() != 1) return std::nullopt;
    return record->members().front().value.raw;
  };
  if (const auto value = value_of(payload)) return value;
  if (shape_.nan == NanTokens::rejected) return std::nullopt;
  repaired_.clear();
  return append_without_nan(repaired_, payload) ? value_of(repaired_) : std::nullopt;
}

Verdict MessageShaper::write_wrapped(const mqtt::Message& message, std::string_view payload, const Record* object,
                                     Time received, std::string& out) {
  if (!is_utf8(message.topic)) return Verdict::reject("the topic is not UTF-8");
  ObjectWriter writer(out);
  writer.string("topic", message.topic);
  if (shape_.wrap == Shape::Wrap::envelope)
    writer.integer("qos", static_cast<std::int64_t>(message.qos)).boolean("retain", message.retained);
  if (object != nullptr) {
    writer.raw("payload", object->line());
  } else if (const auto value = json_value(payload)) {
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
