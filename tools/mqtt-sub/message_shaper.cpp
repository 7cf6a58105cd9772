#include "message_shaper.hpp"

#include "record/json_text.hpp"
#include "record/member_path.hpp"
#include "time/timestamp.hpp"

namespace weir::mqtt_sub {
namespace {

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
      payload_(fields_, shape_.nan) {}

Verdict MessageShaper::write(const mqtt::Message& message, Time received, std::string& out) {
  if (message.payload.size() > shape_.max_line) return Verdict::reject(too_long);
  const Record* object = payload_.read(message.payload);
  if (shape_.wrap == Shape::Wrap::envelope || (shape_.wrap == Shape::Wrap::others && object == nullptr))
    return write_wrapped(message, received, out);
  if (object == nullptr)
    return Verdict::reject(payload_.reason() == not_an_object ? payload_.reason() + " (--raw wraps it)"
                                                              : payload_.reason());
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

Verdict MessageShaper::write_wrapped(const mqtt::Message& message, Time received, std::string& out) {
  if (!is_utf8(message.topic)) return Verdict::reject("the topic is not UTF-8");
  ObjectWriter writer(out);
  writer.string("topic", message.topic);
  if (shape_.wrap == Shape::Wrap::envelope)
    writer.integer("qos", static_cast<std::int64_t>(message.qos)).boolean("retain", message.retained);
  if (const auto value = payload_.as_value()) {
    writer.raw("payload", *value);
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
