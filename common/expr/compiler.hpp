// Compiles the text of an expression into steps.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "expr/expression.hpp"
#include "expr/lexer.hpp"
#include "expr/own_names.hpp"

namespace weir::expr {

/// A parser by precedence climbing (Pratt 1973, "Top down operator precedence") that emits the steps as it goes.
class Compiler {
 public:
  /// `own` may be null.
  Compiler(std::string_view text, std::size_t position, Limits limits, OwnNames* own = nullptr);

  /// Reads the longest expression. Throws SyntaxError.
  void read();
  /// Throws unless the text ends here.
  void expect_end();
  /// Throws when the expression plainly gives something else than true or false.
  void expect_condition() const;

  /// The beginning of the token after the expression.
  std::size_t position() { return lexer_.peek().begin; }
  Expression finish();

 private:
  /// The type of what has been compiled, where it is known without a record.
  struct Piece {
    Part part;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::optional<Type> type;
  };
  struct Infix {
    int binding = 0;  ///< a greater one binds tighter
    Code code = Code::null;
  };

  Piece read_infix(int least);
  Piece read_operand(int least);
  Piece read_prefix(const Token& token, int binding, Type type, Code code);
  Piece read_call(const Token& name);
  Piece read_field(Token name);
  Piece join(const Piece& left, const Piece& right, Code code);
  void join_call(Piece& so_far, const Piece& argument, Code code, std::size_t begin);
  Piece read_logic(const Piece& left, const Infix& infix);
  bool negate_number(const Piece& piece);
  Piece push(Code code, std::uint32_t argument, const Token& token, std::optional<Type> type);

  std::uint32_t emit(Code code, std::uint32_t argument, std::size_t begin, std::size_t end);
  void expect_type(const Piece& piece, Type wanted) const;
  void need_type(const Piece& piece, Type wanted);
  void check_comparison(const Piece& left, const Piece& right, Code code) const;
  void note_comparison(const Piece& left, const Piece& right, const Piece& whole);
  bool is_constant(Part part) const;
  void collect_deciding(Part part);
  [[noreturn]] void fail(std::string reason, std::size_t position) const;
  Token take_or_fail(TokenKind kind, const char* reason);

  static std::optional<Infix> infix(TokenKind kind);

  std::string_view text_;
  Limits limits_;
  Lexer lexer_;
  OwnNames* own_;
  Expression made_;
  Piece result_;
  std::vector<Comparison> comparisons_;  ///< of all steps, by their last one
  std::size_t depth_ = 0;
  std::size_t operands_ = 0;
};

}  // namespace weir::expr
