// Which topics are read: by their names, or by regular expressions.
#pragma once
#include <regex.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "net/kafka/consumer.hpp"

namespace weir::kafka_sub {

/// A regular expression (POSIX, extended) that topics are compared with.
class Pattern {
 public:
  /// Throws std::invalid_argument with the reason.
  explicit Pattern(const std::string& text);
  bool matches(const std::string& topic) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::shared_ptr<regex_t> compiled_;
};

/// The topics of --topic.
class Topics {
 public:
  /// Takes names, and regular expressions, which begin with ^. Throws std::invalid_argument, naming the option.
  explicit Topics(const std::vector<std::string>& texts);
  bool match(const std::string& topic) const;
  /// The names that are not among the topics of `found`; all expressions, too, where nothing was found.
  std::vector<std::string> missing(const std::vector<kafka::Partition>& found) const;

 private:
  std::set<std::string> names_;
  std::vector<Pattern> patterns_;
};

}  // namespace weir::kafka_sub
