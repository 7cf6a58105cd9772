// The tokens of an expression.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::expr {

enum class TokenKind : std::uint8_t {
  end,
  number,
  quantity,
  string,
  name,
  plus,
  minus,
  star,
  slash,
  percent,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  word_and,
  word_or,
  word_not,
  open,
  close,
  comma,
  colon
};

/// One token. `text` is a number's digits, a quantity's digits and unit (`5m`), a string's content with escapes
/// resolved, a name as a FieldSet path; empty for all others.
struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t begin = 0;  ///< bytes of the source, end not included
  std::size_t end = 0;
  std::string text;
  bool bare = false;  ///< a plain name, which may be a keyword such as `true` or `for`
};

/// Splits a text into tokens.
///
/// Names are letters, digits, `_`, `$`, `@` and all characters beyond ASCII; they do not begin with a digit. Dots join
/// the parts of a path. Any other name stands between backticks (two backticks mean one). Strings stand between single
/// or double quotes, with \\ \' \" \/ \n \r \t.
class Lexer {
 public:
  /// Keeps a view of the text, which must outlive the lexer.
  explicit Lexer(std::string_view text, std::size_t position = 0) : text_(text), position_(position) {}

  /// Returns the next token without taking it. Throws SyntaxError where no token can be read.
  const Token& peek();
  /// Takes the next token.
  Token take();

  std::string_view text() const { return text_; }
  /// Goes to a byte of the text, forgetting what has been looked at.
  void move_to(std::size_t position) {
    position_ = position;
    peeked_ = false;
  }

 private:
  void read(Token& token);
  void read_number(Token& token);
  void read_string(Token& token);
  void read_name(Token& token);

  std::string_view text_;
  std::size_t position_;
  Token next_;
  bool peeked_ = false;
};

}  // namespace weir::expr
