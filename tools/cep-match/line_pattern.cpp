// Patterns in a line: `a then b+ then not c within 10m`.
#include "pattern.hpp"
#include "pattern_reader.hpp"

namespace weir::cep_match {
namespace {

/// A reader by recursive descent.
class LinePattern {
 public:
  LinePattern(std::string_view text, Variables& variables) : reader_(text, 0), variables_(variables) {}

  PatternSettings read() {
    if (reader_.at_end()) reader_.fail("an empty pattern");
    if (reader_.sees_word("not")) read_absence_before();
    made_.pattern = alternation();
    for (;;) {
      if (!made_.within && reader_.take_word("within"))
        made_.within = reader_.take_duration();
      else if (!made_.gap && reader_.take_word("gap"))
        made_.gap = reader_.take_duration();
      else
        break;
    }
    if (!reader_.at_end()) reader_.fail("expected then, next, |, within, gap or the end");
    if (open_absence_ && !made_.within) reader_.fail_at("no time ends this absence: `not x within 5m`", *open_absence_);
    if (made_.pattern.may_be_empty()) reader_.fail_at("the pattern can match without a record", 0);
    return std::move(made_);
  }

 private:
  /// not a within 5m then …
  void read_absence_before() {
    const std::size_t begin = reader_.position();
    reader_.take_word("not");
    made_.absent_before = labels();
    if (!reader_.take_word("within"))
      reader_.fail_at("an absence before the first step takes its length: `not a within 5m then b`", begin);
    made_.before = reader_.take_duration();
    if (!reader_.take_word("then")) reader_.fail("expected then");
  }

  Pattern alternation() {
    return reader_.alternation([this] { return sequence(); });
  }

  Pattern sequence() {
    Pattern made = Pattern::of(Pattern::Kind::sequence);
    if (reader_.sees_word("not")) reader_.fail("an absence follows a step, or stands before the whole pattern");
    made.parts.push_back(item());
    for (;;) {
      Link link = Link::then;
      if (reader_.take_word("next"))
        link = Link::next;
      else if (!reader_.take_word("then"))
        break;
      const std::size_t begin = reader_.position();
      if (open_absence_)
        reader_.fail_at("the absence before this step has no end: write its length, `not x within 5m`", begin);
      const Pattern& last = made.parts.back();
      if (last.kind == Pattern::Kind::absence && last.link == Link::then && link == Link::next)
        reader_.fail_at("after `then not x` comes `then`", begin);
      made.parts.push_back(reader_.take_word("not") ? absence(link) : item());
      made.parts.back().link = link;
    }
    const Pattern& last = made.parts.back();
    if (last.kind == Pattern::Kind::absence && last.link == Link::then && !last.duration)
      open_absence_ = reader_.position();
    if (made.parts.size() == 1) return std::move(made.parts.front());
    return made;
  }

  Pattern absence(Link link) {
    Pattern made = Pattern::of(Pattern::Kind::absence);
    made.absent = labels();
    if (link == Link::then && reader_.take_word("within")) made.duration = reader_.take_duration();
    return made;
  }

  /// A variable, or several: (a | b).
  Labels labels() {
    const bool several = reader_.take("(");
    Labels made = 0;
    do made |= Labels{1} << variable();
    while (several && reader_.take("|"));
    if (several) reader_.expect(")");
    return made;
  }

  Pattern item() {
    Pattern made;
    if (reader_.take("(")) {
      made = alternation();
      reader_.expect(")");
    } else {
      made = Pattern::of(Pattern::Kind::label);
      made.label = variable();
    }
    reader_.take_quantifier(made);
    return made;
  }

  std::uint32_t variable() {
    for (const char* word : {"then", "next", "not", "within", "gap"})
      if (reader_.sees_word(word)) reader_.fail("expected a step; a name that is a keyword stands in backticks");
    return variables_.add(reader_.take_name("a step"));
  }

  PatternReader reader_;
  Variables& variables_;
  PatternSettings made_;
  std::optional<std::size_t> open_absence_;
};

}  // namespace

PatternSettings read_line_pattern(std::string_view text, Variables& variables) {
  return LinePattern(text, variables).read();
}

}  // namespace weir::cep_match
