// Patterns of MATCH_RECOGNIZE: `(A B+ (C | D)?)`.
#include <algorithm>
#include <numeric>

#include "pattern.hpp"
#include "pattern_reader.hpp"

namespace weir::cep_match {
namespace {

/// The most parts of PERMUTE, which stands for all their orders.
constexpr std::size_t max_permuted = 6;

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// A reader by recursive descent.
class SqlPattern {
 public:
  SqlPattern(std::string_view text, std::size_t position, Variables& variables)
      : reader_(text, position), variables_(variables) {}

  Pattern read() {
    reader_.expect("(");
    Pattern pattern = alternation();
    reader_.expect(")");
    return pattern;
  }
  std::size_t position() { return reader_.position(); }

 private:
  Pattern alternation() {
    return reader_.alternation([this] { return sequence(); });
  }

  Pattern sequence() {
    Pattern made = Pattern::of(Pattern::Kind::sequence);
    while (!ends()) made.parts.push_back(item());
    if (made.parts.empty()) reader_.fail("expected a variable or a parenthesis; the empty pattern is ()");
    if (made.parts.size() == 1) return std::move(made.parts.front());
    return made;
  }

  bool ends() {
    return reader_.at_end() || reader_.sees("|") || reader_.sees(")") || reader_.sees("-}") || reader_.sees(",");
  }

  Pattern item() {
    Pattern made = atom();
    reader_.take_quantifier(made);
    return made;
  }

  Pattern atom() {
    if (reader_.take("^")) return Pattern::of(Pattern::Kind::start);
    if (reader_.take("$")) return Pattern::of(Pattern::Kind::end);
    if (reader_.take("{-")) {
      Pattern made = Pattern::of(Pattern::Kind::exclusion);
      made.parts.push_back(alternation());
      reader_.expect("-}");
      return made;
    }
    if (reader_.take("(")) {
      if (reader_.take(")")) return {};
      Pattern made = alternation();
      reader_.expect(")");
      return made;
    }
    const bool may_permute = reader_.sees_word("PERMUTE");
    const bool quoted = reader_.peek() == '`';
    std::string name = reader_.take_name("a variable or a parenthesis");
    if (may_permute && reader_.sees("(")) return permute();
    if (!quoted) std::transform(name.begin(), name.end(), name.begin(), upper);  // what CLASSIFIER() gives
    Pattern made = Pattern::of(Pattern::Kind::label);
    made.label = variables_.add(name);
    return made;
  }

  /// All orders of the parts, the first parts first.
  Pattern permute() {
    const PatternReader::Nesting nesting(reader_);
    reader_.expect("(");
    std::vector<Pattern> parts;
    do parts.push_back(alternation());
    while (reader_.take(","));
    reader_.expect(")");
    if (parts.size() > max_permuted) reader_.fail("PERMUTE takes at most 6 parts");
    std::vector<std::size_t> order(parts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // Orders of orders would fill the memory before the program is made.
    std::size_t size = 1;
    for (const Pattern& part : parts) size += part.size();
    for (std::size_t i = 2; i <= parts.size(); ++i) size *= i;
    if (size > max_pattern) fail_too_large();
    Pattern choice = Pattern::of(Pattern::Kind::alternation);
    do {
      Pattern& made = choice.parts.emplace_back(Pattern::of(Pattern::Kind::sequence));
      for (const std::size_t i : order) made.parts.push_back(parts[i]);
    } while (std::next_permutation(order.begin(), order.end()));
    return choice;
  }

  PatternReader reader_;
  Variables& variables_;
};

}  // namespace

Pattern read_sql_pattern(std::string_view text, std::size_t& position, Variables& variables) {
  SqlPattern reader(text, position, variables);
  Pattern pattern = reader.read();
  position = reader.position();
  return pattern;
}

}  // namespace weir::cep_match
