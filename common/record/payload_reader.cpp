#include "record/payload_reader.hpp"

#include "record/foreign_json.hpp"
#include "record/json_text.hpp"
#include "record/token_cursor.hpp"

namespace weir {
namespace {

/// Two searches by memchr; find_first_of() would call it for each byte.
bool has_line_breaks(std::string_view text) {
  return text.find('\n') != std::string_view::npos || text.find('\r') != std::string_view::npos;
}

std::string_view without_trailing_space(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

FieldSet all_members() {
  FieldSet fields;
  fields.read_members();
  return fields;
}

}  // namespace

PayloadReader::PayloadReader(const FieldSet& fields, NanTokens nan)
    : nan_(nan), parser_(fields, Checking::every_token), value_parser_(all_members(), Checking::every_token) {}

std::string_view PayloadReader::on_one_line(std::string_view payload) {
  payload = without_frame(payload);
  if (!has_line_breaks(payload)) return payload;
  payload = without_trailing_space(payload);
  if (!has_line_breaks(payload)) return payload;
  one_line_.clear();
  append_on_one_line(one_line_, payload);
  return one_line_;
}

const Record* PayloadReader::read(std::string_view payload) {
  whole_ = payload;
  payload_ = on_one_line(payload);
  record_ = parser_.parse_copy(payload_, 1);
  if (record_ != nullptr) return record_;
  reason_ = payload_.empty() ? "the payload is empty" : parser_.reason();
  repaired_.clear();
  if (!append_without_nan(repaired_, payload_)) return nullptr;
  const Record* const record = parser_.parse_copy(repaired_, 1);
  if (record != nullptr && nan_ == NanTokens::null) return record_ = record;
  if (record != nullptr) reason_ = "NaN and infinity are not JSON (--nan null makes them null)";
  return nullptr;
}

std::optional<std::string_view> PayloadReader::value_of(std::string_view text) {
  candidate_.assign("{\"v\":").append(text).append("}");
  const Record* record = value_parser_.parse_copy(candidate_, 1);
  // `1,"w":2` would also make a valid object, but with a second member.
  if (record == nullptr || record->members().size() != 1) return std::nullopt;
  return record->members().front().value.raw;
}

std::optional<std::string_view> PayloadReader::as_value() {
  if (record_ != nullptr) return record_->line();
  if (const auto value = value_of(payload_)) return value;
  if (nan_ == NanTokens::null) {
    repaired_.clear();
    if (append_without_nan(repaired_, payload_))
      if (const auto value = value_of(repaired_)) return value;
  }
  if (!is_utf8(whole_)) return std::nullopt;
  token_.clear();
  append_json_string(token_, whole_);
  return token_;
}

}  // namespace weir
