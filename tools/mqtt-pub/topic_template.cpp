#include "topic_template.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "net/mqtt/settings.hpp"

namespace weir::mqtt_pub {
namespace {

constexpr std::string_view forbidden("+#\0", 3);
constexpr std::size_t longest_topic = 65535;

}  // namespace

TopicTemplate::TopicTemplate(std::string_view text, FieldSet& fields) {
  std::string literal;
  const auto end_literal = [&] {
    if (literal.find_first_of(forbidden) != std::string::npos)
      throw std::invalid_argument("a topic to publish to cannot hold '+' or '#': they are for subscriptions");
    if (!literal.empty()) parts_.push_back({literal, {}, {}, false});
    literal.clear();
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
  if (parts_.empty()) throw std::invalid_argument("the topic is empty");
  if (is_fixed() && !mqtt::is_topic(parts_.front().literal))
    throw std::invalid_argument("this cannot be a topic: it is not UTF-8, or too long");
}

void TopicTemplate::add_field(std::string_view body, FieldSet& fields) {
  Part part;
  const auto mark = body.find(":-");
  part.path = body.substr(0, mark);
  if (part.path.empty()) throw std::invalid_argument("a '{}' names no field");
  part.field = fields.add(part.path);
  if (mark != std::string_view::npos) {
    part.literal = body.substr(mark + 2);
    part.has_default = true;
    if (part.literal.empty()) throw std::invalid_argument(fmt::format("the default of {{{}}} is empty", part.path));
    if (part.literal.find_first_of(forbidden) != std::string::npos)
      throw std::invalid_argument(fmt::format("the default of {{{}}} holds '+' or '#'", part.path));
  }
  parts_.push_back(std::move(part));
}

std::vector<std::string> TopicTemplate::paths() const {
  std::vector<std::string> paths;
  for (const Part& part : parts_)
    if (part.field) paths.push_back(part.path);
  return paths;
}

Verdict TopicTemplate::render(const Record& record, std::string& topic) const {
  topic.clear();
  for (const Part& part : parts_) {
    if (!part.field) {
      topic += part.literal;
      continue;
    }
    const Value& value = record[*part.field];
    if (!value.present()) {
      if (!part.has_default) return Verdict::reject(fmt::format("{} is in the topic and is missing", part.path));
      topic += part.literal;
      continue;
    }
    if (value.kind == Kind::object || value.kind == Kind::array)
      return Verdict::reject(fmt::format("{} is in the topic and is not a plain value", part.path));
    if (value.text.empty()) return Verdict::reject(fmt::format("{} is in the topic and is empty", part.path));
    if (value.text.find_first_of(forbidden) != std::string_view::npos)
      return Verdict::reject(fmt::format("{} is in the topic and holds '+', '#' or NUL", part.path));
    topic += value.text;
  }
  if (topic.size() > longest_topic) return Verdict::reject("the topic is longer than 65535 bytes");
  return Verdict::ok();
}

}  // namespace weir::mqtt_pub
