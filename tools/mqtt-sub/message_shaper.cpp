#include "message_shaper.hpp"

#include <fmt/format.h>

#include "record/foreign_json.hpp"
#include "record/json_text.hpp"

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

/// The names of the fields that the topic's levels fill.
std::vector<std::string> names_of(const std::vector<std::string>& topic_fields) {
  std::vector<std::string> names;
  for (const std::string& name : topic_fields)
    if (name != passed_over) names.push_back(name);
  return names;
}

}  // namespace

MessageShaper::MessageShaper(Shape shape)
    : shape_(std::move(shape)),
      arrival_({names_of(shape_.topic_fields), shape_.stamp, shape_.time}, fields_),
      payload_(fields_, shape_.nan) {}

Verdict MessageShaper::write(const mqtt::Message& message, Time received, std::string& out, const OnReject& on_reject) {
  if (message.payload.size() > shape_.max_line) return Verdict::reject(too_long);
  if (!shape_.topic_fields.empty()) {
    if (!is_utf8(message.topic)) return Verdict::reject("the topic is not UTF-8");
    read_levels(message.topic);
  }
  switch (shape_.from) {
    case From::json:
      break;
    case From::records:
      return write_list(message, received, out, on_reject);
    case From::senml:
      return write_pack(message, received, out, on_reject);
    case From::sparkplug:
      return write_sparkplug(message, received, out, on_reject);
  }
  const Record* object = payload_.read(message.payload);
  if (shape_.wrap == Shape::Wrap::envelope || (shape_.wrap == Shape::Wrap::others && object == nullptr))
    return write_wrapped(message, received, out);
  if (object == nullptr)
    return Verdict::reject(payload_.reason() == not_an_object ? payload_.reason() + " (--raw wraps it)"
                                                              : payload_.reason());
  return arrival_.write(*object, levels_, received, out);
}

/// Appends the record of a part of a message.
Verdict MessageShaper::write_part(std::string_view json, Time received, std::string& out) {
  const Record* record = payload_.read(json);
  return record == nullptr ? Verdict::reject(payload_.reason()) : arrival_.write(*record, levels_, received, out);
}

Verdict MessageShaper::write_list(const mqtt::Message& message, Time received, std::string& out,
                                  const OnReject& on_reject) {
  if (!list_.read(without_frame(message.payload))) return Verdict::reject(list_.reason());
  if (list_.counted() == RecordList::Counted::nothing) return write_part(list_.parts().front().text, received, out);
  for (const auto& [number, text] : list_.parts())
    if (const Verdict verdict = write_part(text, received, out); verdict.rejected())
      on_reject(text, fmt::format("{} {}: {}", list_.counted_name(), number, verdict.reason()));
  return Verdict::ok();
}

Verdict MessageShaper::write_pack(const mqtt::Message& message, Time received, std::string& out,
                                  const OnReject& on_reject) {
  const bool whole = senml_.read(
      message.payload, received,
      [&](std::uint64_t number, std::string_view element, std::string_view line, std::string_view reason) {
        const Verdict verdict = reason.empty() ? write_part(line, received, out) : Verdict::reject(std::string(reason));
        if (verdict.rejected()) on_reject(element, fmt::format("element {}: {}", number, verdict.reason()));
      });
  return whole ? Verdict::ok() : Verdict::reject(senml_.reason());
}

Verdict MessageShaper::write_sparkplug(const mqtt::Message& message, Time received, std::string& out,
                                       const OnReject& on_reject) {
  const auto outcome = host_.read(message.topic, message.payload, received,
                                  [&](std::string_view line, std::string_view metric, std::string_view reason) {
                                    const Verdict verdict = reason.empty() ? write_part(line, received, out)
                                                                           : Verdict::reject(std::string(reason));
                                    if (verdict.rejected()) on_reject(line.empty() ? metric : line, verdict.reason());
                                  });
  return outcome == sparkplug::Host::Outcome::refused ? Verdict::reject(host_.reason()) : Verdict::ok();
}

/// Takes the levels that have names; those that the topic lacks stay without a value.
void MessageShaper::read_levels(std::string_view topic) {
  levels_.clear();
  auto name = shape_.topic_fields.begin();
  for_each_level(topic, [&](std::string_view level) {
    if (*name != passed_over) levels_.emplace_back(level);
    return ++name != shape_.topic_fields.end();
  });
  for (; name != shape_.topic_fields.end(); ++name)
    if (*name != passed_over) levels_.emplace_back();
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
  if (!shape_.topic_fields.empty()) {
    auto name = shape_.topic_fields.begin();
    for_each_level(message.topic, [&](std::string_view level) {
      if (*name != passed_over) writer.string(*name, level);
      return ++name != shape_.topic_fields.end();
    });
  }
  if (!shape_.stamp.empty()) writer.time(shape_.stamp, received);
  writer.end();
  return Verdict::ok();
}

}  // namespace weir::mqtt_sub
