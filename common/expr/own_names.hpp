// Operands of a tool's own within expressions, such as `last(a.temp)`.
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "expr/lexer.hpp"

namespace weir::expr {

/// Reads the operands that a tool adds to the language.
class OwnNames {
 public:
  /// What stands for such an operand: its path among Expression::fields(), and where its text ends.
  struct Operand {
    std::string path;
    std::size_t end = 0;
  };

  OwnNames() = default;
  OwnNames(const OwnNames&) = delete;
  OwnNames& operator=(const OwnNames&) = delete;
  virtual ~OwnNames() = default;

  /// Given a bare name that begins an operand and has been taken. Takes the rest of the operand; or returns nothing and
  /// leaves the lexer as it is. Throws SyntaxError where the rest cannot be read.
  virtual std::optional<Operand> read(const Token& name, Lexer& lexer) = 0;
};

}  // namespace weir::expr
