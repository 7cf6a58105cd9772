#include "window/aggregate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "record/field_set.hpp"

namespace weir {
namespace {

constexpr std::array<std::pair<std::string_view, Function>, 8> functions{{{"count", Function::count},
                                                                          {"sum", Function::sum},
                                                                          {"avg", Function::avg},
                                                                          {"min", Function::min},
                                                                          {"max", Function::max},
                                                                          {"first", Function::first},
                                                                          {"last", Function::last},
                                                                          {"stddev", Function::stddev}}};

std::string known_functions() {
  std::string names;
  for (const auto& [name, function] : functions) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::vector<Aggregate> parse() {
    std::vector<Aggregate> list;
    do {
      const std::size_t start = skip_blanks();
      Aggregate next = item();
      const bool taken = std::any_of(list.begin(), list.end(), [&](const Aggregate& a) { return a.name == next.name; });
      if (taken) fail(start, fmt::format("a second column named '{}'; give it another name with 'as NAME'", next.name));
      list.push_back(std::move(next));
      skip_blanks();
    } while (accept(','));
    if (at_ != text_.size()) fail(at_, "expected ',' or the end");
    return list;
  }

 private:
  Aggregate item() {
    const std::size_t start = at_;
    const std::string word = bare_word();
    if (word.empty()) fail(start, fmt::format("expected a function ({})", known_functions()));
    const auto function = find_function(word);
    if (!function) fail(start, fmt::format("there is no function '{}'; there are {}", word, known_functions()));
    skip_blanks();
    if (!accept('(')) fail(at_, fmt::format("expected '(' after '{}'", word));
    Aggregate made;
    made.function = *function;
    made.field = argument(*function);
    skip_blanks();
    if (!accept(')')) fail(at_, "expected ')'");
    skip_blanks();
    const std::size_t before = at_;
    const std::string as = bare_word();
    if (as == "as" || as == "AS") {
      skip_blanks();
      const std::size_t name_at = at_;
      made.name = name();
      if (made.name.empty()) fail(name_at, "expected a name after 'as'");
    } else {
      if (!as.empty()) fail(before, fmt::format("expected 'as', ',' or the end, not '{}'", as));
      made.name = default_name(made.function, made.field);
    }
    return made;
  }

  std::string argument(Function function) {
    skip_blanks();
    const std::size_t start = at_;
    if (function == Function::count && accept('*')) return {};
    const bool quoted = peek() == '"';
    std::string field = name();
    if (field.empty() && (quoted || function != Function::count))
      fail(start, fmt::format("expected a field: {}(FIELD)", name_of(function)));
    if (!field.empty()) {
      const auto segments = FieldSet::split(field);
      if (std::any_of(segments.begin(), segments.end(), [](const std::string& s) { return s.empty(); }))
        fail(start, fmt::format("the path '{}' has an empty part", field));
    }
    return field;
  }

  static std::optional<Function> find_function(std::string_view word) {
    for (const auto& [name, function] : functions) {
      const bool same = std::equal(word.begin(), word.end(), name.begin(), name.end(), [](char given, char wanted) {
        return (given >= 'A' && given <= 'Z' ? static_cast<char>(given - 'A' + 'a') : given) == wanted;
      });
      if (same) return function;
    }
    return std::nullopt;
  }

  std::string name() { return peek() == '"' ? quoted_name() : bare_word(); }

  std::string bare_word() {
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n,()\"*", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    return std::string(word);
  }

  std::string quoted_name() {
    const std::size_t start = at_++;
    std::string name;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      const bool escapes =
          text_[at_] == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\');
      if (escapes) ++at_;
      name += text_[at_];
    }
    if (!accept('"')) fail(start, "this quote is not closed");
    return name;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::size_t skip_blanks() {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    return at_;
  }
  [[noreturn]] void fail(std::size_t position, const std::string& problem) const {
    throw AggregateSyntaxError(text_, position, problem);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string_view name_of(Function function) {
  for (const auto& [name, each] : functions)
    if (each == function) return name;
  return {};
}

bool needs_number(Function function) {
  return function != Function::count && function != Function::first && function != Function::last;
}

std::string default_name(Function function, std::string_view field) {
  if (field.empty()) return std::string(name_of(function));
  return fmt::format("{}_{}", FieldSet::plain_name(field), name_of(function));
}

AggregateSyntaxError::AggregateSyntaxError(std::string_view text, std::size_t position, const std::string& problem)
    : std::runtime_error(
          fmt::format("at character {} ({}): {}", position + 1,
                      position < text.size() ? fmt::format("'{}'", text.substr(position, 20)) : "the end", problem)) {}

std::vector<Aggregate> parse_aggregates(std::string_view text) { return Parser(text).parse(); }

}  // namespace weir
