#include "topics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "net/kafka/topic_name.hpp"

namespace weir::kafka_sub {

Pattern::Pattern(const std::string& text)
    : text_(text), compiled_(new regex_t, [](regex_t* each) {
        ::regfree(each);
        delete each;
      }) {
  if (const int code = ::regcomp(compiled_.get(), text.c_str(), REG_EXTENDED | REG_NOSUB); code != 0) {
    std::array<char, 200> reason{};
    ::regerror(code, compiled_.get(), reason.data(), reason.size());
    throw std::invalid_argument(fmt::format("--topic '{}': {}", text, reason.data()));
  }
}

bool Pattern::matches(const std::string& topic) const {
  return ::regexec(compiled_.get(), topic.c_str(), 0, nullptr, 0) == 0;
}

Topics::Topics(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    if (text.starts_with('^'))
      patterns_.emplace_back(text);
    else if (kafka::is_topic_name(text))
      names_.insert(text);
    else
      throw std::invalid_argument(fmt::format(
          "--topic '{}': Kafka takes letters, digits, '.', '_' and '-', 249 at most; ^ begins a regular expression",
          text));
  }
}

bool Topics::match(const std::string& topic) const {
  return names_.contains(topic) ||
         std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& each) { return each.matches(topic); });
}

std::vector<std::string> Topics::missing(const std::vector<kafka::Partition>& found) const {
  std::set<std::string> left = names_;
  for (const kafka::Partition& partition : found) left.erase(partition.topic);
  std::vector<std::string> missing(left.begin(), left.end());
  if (found.empty())
    for (const Pattern& pattern : patterns_) missing.push_back(pattern.text());
  return missing;
}

}  // namespace weir::kafka_sub
