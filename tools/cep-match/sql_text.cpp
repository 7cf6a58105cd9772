#include "sql_text.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "expr/functions.hpp"

namespace weir::cep_match {
namespace {

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         c == '@' || static_cast<unsigned char>(c) >= 0x80;
}
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_word(std::string_view word, std::string_view keyword) {
  return std::equal(word.begin(), word.end(), keyword.begin(), keyword.end(),
                    [](char a, char b) { return upper(a) == b; });
}

class Rewriter {
 public:
  explicit Rewriter(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\'' || c == '"' || c == '`') {
        quoted(c);
      } else if (in_word(c)) {
        word();
      } else if (text_.substr(at_).starts_with("--")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '=' && !after_comparison() && text_.substr(at_, 2) != "==") {
        made_ += "==";
        ++at_;
      } else if (c == '=' && text_.substr(at_, 2) == "==") {
        made_ += "==";
        at_ += 2;
      } else {
        made_ += c;
        ++at_;
      }
    }
    return std::move(made_);
  }

 private:
  bool after_comparison() const {
    return !made_.empty() && (made_.back() == '<' || made_.back() == '>' || made_.back() == '!');
  }

  void quoted(char quote) {
    const char written = quote == '"' ? '`' : quote;
    made_ += written;
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) throw std::invalid_argument("a quote that is not closed");
      const char c = text_[at_];
      if (c == quote) {
        if (at_ + 1 == text_.size() || text_[at_ + 1] != quote) break;
        ++at_;
        made_ += quote == '\'' ? "\\'" : (quote == '"' ? "\"" : "``");
      } else if (quote == '\'' && c == '\\') {
        made_ += "\\\\";
      } else if (quote == '"' && c == '`') {
        made_ += "``";
      } else {
        made_ += c;
      }
    }
    ++at_;
    made_ += written;
  }

  std::string_view take_word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_word(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r'))) ++at_;
  }

  /// Writes a function in small letters, as expressions have it. Returns false for any other word.
  bool calls(std::string_view word) {
    if (at_ >= text_.size() || text_[at_] != '(') return false;
    const auto* const found =
        std::find_if(expr::functions.begin(), expr::functions.end(), [word](const expr::Function& each) {
          return std::equal(each.name.begin(), each.name.end(), word.begin(), word.end(),
                            [](char a, char b) { return upper(a) == upper(b); });
        });
    if (found == expr::functions.end()) return false;
    made_ += found->name;
    return true;
  }

  void word() {
    const bool part = !made_.empty() && made_.back() == '.';
    const std::string_view found = take_word();
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> literals{
        {{"NULL", "null"}, {"TRUE", "true"}, {"FALSE", "false"}}};
    for (const auto& [keyword, literal] : literals)
      if (!part && is_word(found, keyword)) {
        made_ += literal;
        return;
      }
    if (!part && calls(found)) return;
    if (part || !is_word(found, "IS")) {
      made_ += found;
      return;
    }
    const std::size_t after = at_;
    skip_blanks();
    std::string_view next = take_word();
    const bool inverted = is_word(next, "NOT");
    if (inverted) {
      skip_blanks();
      next = take_word();
    }
    if (is_word(next, "NULL")) {
      made_ += inverted ? "!= null" : "== null";
    } else {
      at_ = after;
      made_ += found;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string made_;
};

}  // namespace

std::string from_sql(std::string_view text) { return Rewriter(text).run(); }

}  // namespace weir::cep_match
