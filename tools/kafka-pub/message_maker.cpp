#include "message_maker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "net/kafka/epoch_marker.hpp"

namespace weir::kafka_pub {
namespace {

constexpr std::size_t longest_topic = 249;

/// Kafka's rule: letters, digits, dot, underscore and hyphen.
bool fits_topic(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

bool is_template(std::string_view text) { return text.find_first_of("{}") != std::string_view::npos; }

/// Names the option in what is wrong with its value.
template <typename Make>
auto named(const char* option, Make make) {
  try {
    return make();
  } catch (const std::invalid_argument& problem) {
    throw std::invalid_argument(fmt::format("{}: {}", option, problem.what()));
  }
}

}  // namespace

bool is_topic(std::string_view name) {
  return !name.empty() && name.size() <= longest_topic && fits_topic(name) && name != "." && name != "..";
}

MessageMaker::MessageMaker(const Form& form, FieldSet& fields, std::string markers)
    : topic_template_(named("--topic", [&] { return FieldTemplate(form.topic, fields); })),
      markers_(std::move(markers)),
      payload_path_(form.payload),
      without_(form.without),
      time_path_(form.time_field) {
  for (const std::string_view part : topic_template_.fixed_parts())
    if (!fits_topic(part))
      throw std::invalid_argument(
          fmt::format("--topic: '{}' cannot be part of a topic: Kafka takes letters, digits, '.', '_' and '-'", part));
  if (!form.key.empty()) {
    const std::string text = is_template(form.key) ? form.key : '{' + form.key + '}';
    key_template_ = named("--message-key", [&] { return FieldTemplate(text, fields); });
  }
  if (is_template(form.payload)) {
    payload_template_ = named("--payload", [&] { return FieldTemplate(form.payload, fields); });
  } else if (!form.payload.empty()) {
    payload_field_ = named("--payload", [&] { return fields.add(form.payload); });
  }
  if (!form.time_field.empty()) time_id_ = named("--timestamp", [&] { return fields.add(form.time_field); });
  for (const std::string& header : form.headers) {
    const auto equals = header.find('=');
    if (equals == std::string::npos || equals == 0)
      throw std::invalid_argument(fmt::format("--header '{}': it takes NAME=VALUE", header));
    header_templates_.push_back({header.substr(0, equals), named("--header", [&] {
                                   return FieldTemplate(std::string_view(header).substr(equals + 1), fields);
                                 })});
  }
  header_values_.resize(header_templates_.size());
}

/// The record's topic, which is the same for every one where no fields are in it.
Verdict MessageMaker::make_topic(const Record& record) {
  if (Verdict verdict = topic_template_.render(record, topic_, "the topic"); verdict.rejected()) return verdict;
  if (topic_.size() > longest_topic) return Verdict::reject("the topic is longer than 249 bytes");
  if (!topic_template_.is_fixed() && !fits_topic(topic_))
    return Verdict::reject(fmt::format("the topic would be '{}': Kafka takes letters, digits, '.', '_' and '-'",
                                       std::string_view(topic_).substr(0, 80)));
  if (topic_ == markers_ || topic_ == kafka::default_epochs_topic)
    return Verdict::reject(fmt::format("the topic {} is that of pipelines' epochs", topic_));
  message_.topic = &topic_;
  has_topic_ = topic_template_.is_fixed();
  return Verdict::ok();
}

Verdict MessageMaker::make(const Record& record) {
  if (!has_topic_)
    if (Verdict verdict = make_topic(record); verdict.rejected()) return verdict;
  message_.key.reset();
  if (key_template_) {
    if (Verdict verdict = key_template_->render(record, key_, "the key"); verdict.rejected()) return verdict;
    message_.key = key_;
  }
  message_.payload = record.line();
  if (payload_template_) {
    std::string_view at;
    if (without_ == NoPayload::tombstone &&
        payload_template_->fill(record, payload_, at) == FieldTemplate::Filled::missing) {
      message_.payload.reset();
    } else {
      if (Verdict verdict = payload_template_->render(record, payload_, "the payload"); verdict.rejected())
        return verdict;
      message_.payload = payload_;
    }
  } else if (payload_field_) {
    const Value& value = record[*payload_field_];
    message_.payload = value.text;
    if (!value.present()) {
      if (without_ == NoPayload::reject)
        return Verdict::reject(
            fmt::format("{} is the payload and is missing (--tombstone sends a tombstone)", payload_path_));
      message_.payload.reset();
    }
  }
  message_.timestamp.reset();
  if (time_id_) {
    const Value& value = record[*time_id_];
    Time time{};
    const bool readable = value.kind == Kind::string || value.kind == Kind::number;
    if (!readable || !times_.parse(value.text, time))
      return Verdict::reject(fmt::format("{} is the message's timestamp and is not a time", time_path_));
    message_.timestamp = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
    // The library takes 0 for the time of sending, and brokers take what is before 1970 for no time.
    if (message_.timestamp->count() <= 0)
      return Verdict::reject(
          fmt::format("{} is the message's timestamp and is not after 1970-01-01T00:00:00Z", time_path_));
  }
  headers_.clear();
  for (std::size_t i = 0; i < header_templates_.size(); ++i) {
    std::string_view at;
    // A header whose field is missing is left out: traces and the like are there or not.
    if (header_templates_[i].value.fill(record, header_values_[i], at) == FieldTemplate::Filled::yes)
      headers_.push_back({header_templates_[i].name, header_values_[i]});
  }
  message_.headers = headers_;
  return Verdict::ok();
}

std::vector<NamedField> MessageMaker::named_fields() const {
  std::vector<NamedField> named;
  const auto add = [&](const char* option, const std::vector<std::string>& paths) {
    for (NamedField& each : named_fields_of(option, paths)) named.push_back(std::move(each));
  };
  add("--topic", topic_template_.paths());
  if (key_template_) add("--message-key", key_template_->paths());
  if (payload_template_) add("--payload", payload_template_->paths());
  if (payload_field_) add("--payload", {payload_path_});
  if (time_id_) add("--timestamp", {time_path_});
  for (const NamedHeader& header : header_templates_) add("--header", header.value.paths());
  return named;
}

std::optional<std::string> MessageMaker::fixed_topic() const {
  if (!topic_template_.is_fixed()) return std::nullopt;
  std::string topic;
  for (const std::string_view part : topic_template_.fixed_parts()) topic += part;
  return topic;
}

}  // namespace weir::kafka_pub
