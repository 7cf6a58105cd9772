#include "influx/answer.hpp"

#include "record/field_set.hpp"
#include "record/foreign_json.hpp"
#include "record/json_text.hpp"
#include "record/parser.hpp"
#include "record/trimmed.hpp"

namespace weir::influx {
namespace {

constexpr std::size_t longest_text = 300;

/// The first of the members with text, or nothing.
std::string member_of(std::string_view body) {
  FieldSet fields;
  const FieldId ids[] = {fields.add("error"), fields.add("message"), fields.add("data.error_message"),
                         fields.add("data.0.error_message")};
  RecordParser parser(fields);
  std::string line;
  append_on_one_line(line, body);
  const Record* record = parser.parse_copy(line, 1);
  if (record == nullptr) return {};
  std::string text;
  for (const FieldId id : ids) {
    const Value& value = (*record)[id];
    if (value.kind != Kind::string || value.text.empty()) continue;
    text += (text.empty() ? "" : ": ") + std::string(value.text);
  }
  return text;
}

}  // namespace

Outcome outcome_of(int status, std::string_view body) {
  body = trimmed(body);
  // A server of InfluxDB says nothing when it has written, and has no pages: what speaks here is another one.
  if (status >= 200 && status < 300) return body.empty() ? Outcome::written : Outcome::end;
  if (body.starts_with('<') && (status == 400 || status == 422)) return Outcome::end;
  if (status == 400 || status == 422) return Outcome::refused;
  if (status == 413) return Outcome::too_large;
  if (status == 408 || status == 429) return Outcome::retry;
  if (status < 500) return Outcome::end;
  const bool about_points = body.find("field type conflict") != std::string_view::npos ||
                            body.find("partial write") != std::string_view::npos;
  return about_points ? Outcome::refused : Outcome::retry;
}

std::string text_of(std::string_view body) {
  std::string text = member_of(body);
  if (text.empty()) text = body.substr(0, body.find_first_of("\r\n"));
  if (!is_utf8(text)) return "a text that is not UTF-8";
  if (text.size() > longest_text) {
    text.resize(longest_text);
    while (!is_utf8(text)) text.pop_back();
    text += "…";
  }
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return text;
}

}  // namespace weir::influx
