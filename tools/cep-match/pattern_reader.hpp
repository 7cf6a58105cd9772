// What the two readers of patterns share: characters, names, quantifiers.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "expr/syntax_error.hpp"
#include "pattern.hpp"

namespace weir::cep_match {

/// Reads a text from the left.
class PatternReader {
 public:
  /// Keeps a view of the text.
  PatternReader(std::string_view text, std::size_t position) : text_(text), position_(position) {}

  /// The position of what comes next, blanks passed over.
  std::size_t position();
  bool at_end() { return position() == text_.size(); }
  /// The next character; 0 at the end.
  char peek() { return at_end() ? '\0' : text_[position_]; }
  /// Whether the text goes on so.
  bool sees(std::string_view what) { return text_.substr(position()).starts_with(what); }
  /// Takes it if it comes next.
  bool take(std::string_view what);
  void expect(std::string_view what);
  /// The name that comes next, without taking it; empty when there is none. A quoted one has its backticks.
  std::string_view peek_name();
  /// Takes a name: letters, digits and _, or anything between backticks.
  std::string take_name(std::string_view what);
  /// Whether the keyword comes next, in any case; takes it.
  bool take_word(std::string_view word);
  bool sees_word(std::string_view word);
  /// Takes a duration: `10m`, or INTERVAL '10' MINUTE.
  Duration take_duration();
  /// Takes `+ * ? {n} {n,} {,m} {n,m} {,}` and a `?` after them, where they come: puts a repeat around `pattern`.
  /// Returns whether it did.
  bool take_quantifier(Pattern& pattern);

  [[noreturn]] void fail(std::string reason) { throw expr::SyntaxError(std::move(reason), text_, position()); }
  [[noreturn]] void fail_at(std::string reason, std::size_t position) const {
    throw expr::SyntaxError(std::move(reason), text_, position);
  }

  /// Counts the parentheses that are open. Throws beyond 64.
  struct Nesting {
    explicit Nesting(PatternReader& reader) : depth(reader.depth_) {
      if (++depth > 64) reader.fail("nested too deeply");
    }
    ~Nesting() { --depth; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    std::size_t& depth;
  };

  /// One choice, or several with `|` between them. `read_one` reads a choice.
  template <typename ReadOne>
  Pattern alternation(const ReadOne& read_one) {
    const Nesting nesting(*this);
    Pattern first = read_one();
    if (!sees("|")) return first;
    Pattern made = Pattern::of(Pattern::Kind::alternation);
    made.parts.push_back(std::move(first));
    while (take("|")) made.parts.push_back(read_one());
    return made;
  }

 private:
  friend struct Nesting;
  std::uint32_t take_count();
  void take_bounds(Pattern& repeat);
  Duration take_interval();

  std::string_view text_;
  std::size_t position_;
  std::size_t depth_ = 0;
};

}  // namespace weir::cep_match
