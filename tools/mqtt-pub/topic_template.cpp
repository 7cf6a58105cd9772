#include "topic_template.hpp"

#include <stdexcept>

#include "net/mqtt/settings.hpp"

namespace weir::mqtt_pub {
namespace {

constexpr Excluded excluded{std::string_view("+#\0", 3), "'+', '#' or NUL"};
constexpr std::size_t longest_topic = 65535;

}  // namespace

TopicTemplate::TopicTemplate(std::string_view text, FieldSet& fields) : text_(text, fields, excluded) {
  const auto parts = text_.fixed_parts();
  for (const std::string_view part : parts)
    if (part.find_first_of(excluded.characters) != std::string_view::npos)
      throw std::invalid_argument("a topic to publish to cannot hold '+' or '#': they are for subscriptions");
  if (!is_fixed()) return;
  if (parts.empty()) throw std::invalid_argument("the topic is empty");
  if (!mqtt::is_topic(std::string(parts.front())))
    throw std::invalid_argument("this cannot be a topic: it is not UTF-8, or too long");
}

Verdict TopicTemplate::render(const Record& record, std::string& topic) const {
  if (Verdict verdict = text_.render(record, topic, "the topic"); verdict.rejected()) return verdict;
  if (topic.size() > longest_topic) return Verdict::reject("the topic is longer than 65535 bytes");
  return Verdict::ok();
}

}  // namespace weir::mqtt_pub
