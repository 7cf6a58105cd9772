#include "weather/reply.hpp"

#include <algorithm>

#include "record/json_text.hpp"
#include "time/timestamp.hpp"

namespace weir::weather {

ReplyObject::ReplyObject(std::string_view object, std::initializer_list<std::string_view> paths, Members members) {
  for (const std::string_view path : paths) fields_.add(path);
  if (members == Members::read) fields_.read_members();
  parser_.emplace(fields_);
  record_ = parser_->parse_copy(object, 1);
}

std::string ReplyObject::reason() const { return ok() ? std::string() : "unexpected JSON: " + parser_->reason(); }

const Value& ReplyObject::operator[](std::string_view path) const {
  static const Value none;
  for (std::uint32_t i = 0; i < fields_.size(); ++i)
    if (fields_.path(FieldId{i}) == path) return (*record_)[FieldId{i}];
  return none;
}

bool is_number(const Value& value) {
  return value.kind == Kind::number && value.raw.size() <= max_number_length && value.number().has_value();
}

std::string take_number(const Value& value, std::string_view path, std::string& into) {
  if (!value.present()) return {};
  if (!is_number(value)) return std::string(path) + " is not a number";
  into = value.raw;
  return {};
}

std::vector<std::string> array_tokens(std::string_view array, std::string& reason) {
  std::vector<std::string> tokens;
  RecordParser parser{FieldSet()};
  const bool read = parser.each_element(array, [&](const Value& element) {
    tokens.emplace_back(element.raw);
    return true;
  });
  if (!read) {
    reason = "unexpected JSON: " + parser.reason();
    tokens.clear();
  }
  return tokens;
}

std::string string_token(std::string_view text) {
  std::string token;
  append_json_string(token, text);
  return token;
}

std::string printable(std::string_view text, std::size_t limit) {
  if (text.size() > limit) {
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
    text = text.substr(0, limit);
  }
  std::string result(text);
  std::ranges::replace_if(
      result, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return result;
}

std::optional<Time> time_of(const Value& value) {
  if (!is_number(value)) return std::nullopt;
  return TimeParser().parse_epoch(value.raw);
}

}  // namespace weir::weather
