#include "message_shaper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "record/field_as.hpp"
#include "record/json_text.hpp"
#include "record/member_path.hpp"
#include "time/timestamp.hpp"

namespace weir::kafka_sub {
namespace {

constexpr std::array<std::pair<std::string_view, Meta>, 6> metas{{{"topic", Meta::topic},
                                                                  {"partition", Meta::partition},
                                                                  {"offset", Meta::offset},
                                                                  {"timestamp", Meta::timestamp},
                                                                  {"key", Meta::key},
                                                                  {"headers", Meta::headers}}};

/// No further header.
constexpr std::size_t none = static_cast<std::size_t>(-1);

/// Text as a JSON string; bytes that are not UTF-8 as base64, so that nothing is lost.
void append_text(std::string& token, std::string_view text) {
  if (is_utf8(text)) {
    append_json_string(token, text);
  } else {
    token += '"';
    append_base64(token, text);
    token += '"';
  }
}

}  // namespace

std::string_view name_of(Meta meta) { return metas[static_cast<std::size_t>(meta)].first; }

MessageShaper::MessageShaper(Shape shape)
    : shape_(std::move(shape)),
      control_key_(fields_),
      time_(shape_.time, fields_),
      added_([this] {
        std::vector<Added> added;
        for (const std::string& text : shape_.meta) {
          const FieldAs wanted = read_field_as(text);
          const auto* const found =
              std::find_if(metas.begin(), metas.end(), [&](const auto& each) { return each.first == wanted.path; });
          if (found == metas.end())
            throw std::invalid_argument(
                fmt::format("--meta '{}': it takes topic, partition, offset, timestamp, key and headers, each with 'as "
                            "NAME' or not",
                            wanted.path));
          const std::string name = wanted.name.empty() ? wanted.path : wanted.name;
          needs_headers_ = needs_headers_ || found->second == Meta::headers;
          added.push_back({found->second, name, fields_.add(member_path(name))});
        }
        return added;
      }()),
      payload_(fields_, shape_.nan) {
  needs_headers_ = needs_headers_ || shape_.wrap == Shape::Wrap::envelope;
}

std::string_view MessageShaper::token(const kafka::ReceivedMessage& message, Meta meta) {
  token_.clear();
  switch (meta) {
    case Meta::topic:
      append_text(token_, message.topic);
      break;
    case Meta::partition:
      fmt::format_to(std::back_inserter(token_), "{}", message.partition);
      break;
    case Meta::offset:
      fmt::format_to(std::back_inserter(token_), "{}", message.offset);
      break;
    case Meta::timestamp:
      if (message.timestamp_ms < 0) return "null";
      token_ = '"';
      append_time(token_, Time(std::chrono::milliseconds(message.timestamp_ms)));
      token_ += '"';
      break;
    case Meta::key:
      if (!message.key) return "null";
      append_text(token_, *message.key);
      break;
    case Meta::headers:
      append_headers(message);
      break;
  }
  return token_;
}

/// Appends the headers as an object. A name that comes again has an array of its values, in their order.
void MessageShaper::append_headers(const kafka::ReceivedMessage& message) {
  const auto& headers = message.headers;
  by_name_.resize(headers.size());
  std::iota(by_name_.begin(), by_name_.end(), std::size_t{0});
  std::sort(by_name_.begin(), by_name_.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(headers[a].first, a) < std::tie(headers[b].first, b);
  });
  next_of_name_.assign(headers.size(), none);
  comes_again_.assign(headers.size(), false);
  for (std::size_t i = 1; i < by_name_.size(); ++i) {
    if (headers[by_name_[i]].first != headers[by_name_[i - 1]].first) continue;
    next_of_name_[by_name_[i - 1]] = by_name_[i];
    comes_again_[by_name_[i]] = true;
  }
  token_ += '{';
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (comes_again_[i]) continue;
    if (token_.size() > 1) token_ += ',';
    append_text(token_, headers[i].first);
    const bool several = next_of_name_[i] != none;
    token_ += several ? ":[" : ":";
    append_text(token_, headers[i].second);
    for (std::size_t next = next_of_name_[i]; next != none; next = next_of_name_[next]) {
      token_ += ',';
      append_text(token_, headers[next].second);
    }
    if (several) token_ += ']';
  }
  token_ += '}';
}

Verdict MessageShaper::write(const kafka::ReceivedMessage& message, Time received, std::string& out) {
  if (!message.payload) {
    if (shape_.wrap == Shape::Wrap::envelope) return write_wrapped(message, out);
    return Verdict::reject("it is a tombstone: its payload is null (--envelope shows it)");
  }
  if (message.payload->size() > shape_.max_line) return Verdict::reject("the payload is longer than --max-line");
  const Record* object = payload_.read(*message.payload);
  if (shape_.wrap == Shape::Wrap::envelope || (shape_.wrap == Shape::Wrap::others && object == nullptr))
    return write_wrapped(message, out);
  if (object == nullptr)
    return Verdict::reject(payload_.reason() == not_an_object ? payload_.reason() + " (--raw wraps it)"
                                                              : payload_.reason());
  if (Verdict verdict = control_key_.check(*object); verdict.rejected()) return verdict;
  if (Verdict verdict = time_.read(*object, received); verdict.rejected()) return verdict;
  if (added_.empty() && !time_.normalises()) {
    out += object->line();
    out += '\n';
    return Verdict::ok();
  }
  splicer_.begin(*object);
  if (time_.normalises()) splicer_.set((*object)[time_.field()], time_.path(), time_.token());
  for (const Added& added : added_) splicer_.set((*object)[added.id], added.name, token(message, added.meta));
  splicer_.write(out);
  return Verdict::ok();
}

Verdict MessageShaper::write_wrapped(const kafka::ReceivedMessage& message, std::string& out) {
  ObjectWriter writer(out);
  writer.raw("topic", token(message, Meta::topic));
  if (shape_.wrap == Shape::Wrap::envelope) {
    for (const Meta meta : {Meta::partition, Meta::offset, Meta::timestamp, Meta::key})
      writer.raw(name_of(meta), token(message, meta));
    if (!message.headers.empty()) writer.raw("headers", token(message, Meta::headers));
  }
  if (!message.payload) {
    writer.null("payload");
  } else if (const auto value = payload_.as_value()) {
    writer.raw("payload", *value);
  } else {
    token_.clear();
    append_base64(token_, *message.payload);
    writer.string("payload_base64", token_);
  }
  writer.end();
  return Verdict::ok();
}

}  // namespace weir::kafka_sub
