#include "record/field_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weir {

FieldTemplate::FieldTemplate(std::string_view text, FieldSet& fields, Excluded excluded) : excluded_(excluded) {
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) parts_.push_back({std::exchange(literal, {}), {}, {}, false});
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool doubled = (c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c;
    if (doubled) {
      literal += c;
      ++i;
    } else if (c == '{') {
      const auto close = text.find('}', i);
      if (close == std::string_view::npos)
        throw std::invalid_argument("a '{' is not closed (a brace itself is written '{{')");
      end_literal();
      add_field(text.substr(i + 1, close - i - 1), fields);
      i = close;
    } else if (c == '}') {
      throw std::invalid_argument("a '}' without its '{' (a brace itself is written '}}')");
    } else {
      literal += c;
    }
  }
  end_literal();
}

void FieldTemplate::add_field(std::string_view body, FieldSet& fields) {
  Part part;
  const auto mark = body.find(":-");
  part.path = body.substr(0, mark);
  if (part.path.empty()) throw std::invalid_argument("a '{}' names no field");
  part.field = fields.add(part.path);
  if (mark != std::string_view::npos) {
    part.literal = body.substr(mark + 2);
    part.has_default = true;
    if (part.literal.empty()) throw std::invalid_argument(fmt::format("the default of {{{}}} is empty", part.path));
  }
  parts_.push_back(std::move(part));
}

FieldTemplate::Filled FieldTemplate::fill(const Record& record, std::string& text, std::string_view& at) const {
  text.clear();
  for (const Part& part : parts_) {
    if (!part.field) {
      text += part.literal;
      continue;
    }
    const Value& value = record[*part.field];
    at = part.path;
    if (!value.present()) {
      if (!part.has_default) return Filled::missing;
      text += part.literal;
      continue;
    }
    if (value.kind == Kind::object || value.kind == Kind::array) return Filled::not_a_value;
    if (value.text.empty()) return Filled::empty;
    if (value.text.find_first_of(excluded_.characters) != std::string_view::npos) return Filled::excluded;
    text += value.text;
  }
  return Filled::yes;
}

Verdict FieldTemplate::render(const Record& record, std::string& text, std::string_view what) const {
  std::string_view at;
  switch (fill(record, text, at)) {
    case Filled::missing:
      return Verdict::reject(fmt::format("{} is in {} and is missing", at, what));
    case Filled::empty:
      return Verdict::reject(fmt::format("{} is in {} and is empty", at, what));
    case Filled::not_a_value:
      return Verdict::reject(fmt::format("{} is in {} and is not a plain value", at, what));
    case Filled::excluded:
      return Verdict::reject(fmt::format("{} is in {} and holds {}", at, what, excluded_.names));
    case Filled::yes:
      break;
  }
  return Verdict::ok();
}

bool FieldTemplate::is_fixed() const {
  return std::none_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.field.has_value(); });
}

std::vector<std::string_view> FieldTemplate::fixed_parts() const {
  std::vector<std::string_view> texts;
  for (const Part& part : parts_)
    if (!part.literal.empty()) texts.emplace_back(part.literal);
  return texts;
}

std::vector<std::string> FieldTemplate::paths() const {
  std::vector<std::string> paths;
  for (const Part& part : parts_)
    if (part.field) paths.push_back(part.path);
  return paths;
}

}  // namespace weir
