#include "expr/lexer.hpp"

#include <array>

#include "expr/syntax_error.hpp"
#include "time/digits.hpp"

namespace weir::expr {
namespace {

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '@' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool in_name(char c) { return starts_name(c) || is_digit(c); }

struct Sign {
  std::string_view spelling;
  TokenKind kind;
};
// A longer token stands before its own prefix.
constexpr std::array<Sign, 19> signs{{{"<=", TokenKind::less_equal},
                                      {">=", TokenKind::greater_equal},
                                      {"==", TokenKind::equal},
                                      {"!=", TokenKind::not_equal},
                                      {"&&", TokenKind::word_and},
                                      {"||", TokenKind::word_or},
                                      {"<>", TokenKind::not_equal},
                                      {"<", TokenKind::less},
                                      {">", TokenKind::greater},
                                      {"!", TokenKind::word_not},
                                      {"+", TokenKind::plus},
                                      {"-", TokenKind::minus},
                                      {"*", TokenKind::star},
                                      {"/", TokenKind::slash},
                                      {"%", TokenKind::percent},
                                      {"(", TokenKind::open},
                                      {")", TokenKind::close},
                                      {",", TokenKind::comma},
                                      {":", TokenKind::colon}}};

/// The reason for a sign that begins with a single `=`.
const char* meant_by_equals(std::string_view text) {
  if (text.starts_with("=>")) return "the operator is written >=";
  if (text.starts_with("=<")) return "the operator is written <=";
  if (text.starts_with("=~"))
    return "there are no patterns; ask with contains(s, t), starts_with(s, t) or ends_with(s, t)";
  return "a comparison is written ==";
}

void append_escaped(std::string& path, char c) {
  if (c == '.' || c == '\\') path += '\\';
  path += c;
}

}  // namespace

const Token& Lexer::peek() {
  if (!peeked_) {
    next_ = Token();
    read(next_);
    peeked_ = true;
  }
  return next_;
}

Token Lexer::take() {
  peek();
  peeked_ = false;
  return std::move(next_);
}

void Lexer::read(Token& token) {
  while (position_ < text_.size() &&
         (text_[position_] == ' ' || (text_[position_] >= '\t' && text_[position_] <= '\r')))
    ++position_;
  token.begin = token.end = position_;
  if (position_ == text_.size()) return;
  const char c = text_[position_];
  if (is_digit(c) || (c == '.' && position_ + 1 < text_.size() && is_digit(text_[position_ + 1]))) {
    read_number(token);
  } else if (c == '"' || c == '\'') {
    read_string(token);
  } else if (starts_name(c) || c == '`') {
    read_name(token);
  } else {
    const Sign* found = nullptr;
    for (const Sign& sign : signs)
      if (found == nullptr && text_.substr(position_).starts_with(sign.spelling)) found = &sign;
    if (found == nullptr) {
      if (c == '=') throw SyntaxError(meant_by_equals(text_.substr(position_)), text_, position_);
      if (c == '&' || c == '|') throw SyntaxError("write `and`, `or`, && or ||", text_, position_);
      throw SyntaxError("an unexpected character", text_, position_);
    }
    token.kind = found->kind;
    position_ += found->spelling.size();
  }
  token.end = position_;
}

void Lexer::read_number(Token& token) {
  const std::size_t begin = position_;
  std::size_t p = begin;
  const auto digits = [&] {
    const std::size_t first = p;
    while (p < text_.size() && is_digit(text_[p])) ++p;
    return p - first;
  };
  const std::size_t whole = digits();
  std::size_t decimals = 1;
  if (p < text_.size() && text_[p] == '.') {
    ++p;
    decimals = digits();
  }
  token.kind = TokenKind::number;
  if (p < text_.size() && (text_[p] == 'e' || text_[p] == 'E')) {
    const std::size_t mark = p++;
    if (p < text_.size() && (text_[p] == '+' || text_[p] == '-')) ++p;
    if (digits() == 0) p = mark;
  }
  if (p < text_.size() && (in_name(text_[p]) || text_[p] == '.')) {
    token.kind = TokenKind::quantity;
    while (p < text_.size() && (in_name(text_[p]) || text_[p] == '.')) ++p;
  } else if (whole == 0 || decimals == 0 || (whole > 1 && text_[begin] == '0')) {
    throw SyntaxError("a number is written as in JSON: 0.5, 5, 1e3", text_, begin);
  }
  position_ = p;
  token.text.assign(text_.substr(begin, p - begin));
}

void Lexer::read_string(Token& token) {
  const std::size_t begin = position_;
  const char quote = text_[position_++];
  token.kind = TokenKind::string;
  for (; position_ < text_.size() && text_[position_] != quote; ++position_) {
    char c = text_[position_];
    if (c == '\\') {
      static constexpr std::string_view written = "\\'\"/nrt";
      static constexpr std::string_view meant = "\\'\"/\n\r\t";
      const auto which = position_ + 1 < text_.size() ? written.find(text_[position_ + 1]) : std::string_view::npos;
      if (which == std::string_view::npos)
        throw SyntaxError("an unknown escape; there are \\\\ \\' \\\" \\/ \\n \\r \\t", text_, position_);
      c = meant[which];
      ++position_;
    }
    token.text += c;
  }
  if (position_ == text_.size()) throw SyntaxError("a string that is not closed", text_, begin);
  ++position_;
}

void Lexer::read_name(Token& token) {
  token.kind = TokenKind::name;
  token.bare = true;
  for (;;) {
    if (position_ < text_.size() && text_[position_] == '`') {
      const std::size_t begin = position_++;
      token.bare = false;
      const std::size_t length = token.text.size();
      for (;; ++position_) {
        if (position_ == text_.size()) throw SyntaxError("a name in backticks that is not closed", text_, begin);
        if (text_[position_] == '`') {
          if (position_ + 1 == text_.size() || text_[position_ + 1] != '`') break;
          ++position_;
        }
        append_escaped(token.text, text_[position_]);
      }
      if (token.text.size() == length) throw SyntaxError("an empty name", text_, begin);
      ++position_;
    } else {
      const std::size_t begin = position_;
      while (position_ < text_.size() && in_name(text_[position_])) token.text += text_[position_++];
      if (position_ == begin) throw SyntaxError("expected a name after the dot", text_, begin);
    }
    if (position_ == text_.size() || text_[position_] != '.') return;
    token.bare = false;
    token.text += '.';
    ++position_;
  }
}

}  // namespace weir::expr
