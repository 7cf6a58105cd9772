// An error in an expression, and its position.
#pragma once
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::expr {

/// An expression that cannot be read. what() is the reason and, below it, the line of the text with a caret at the
/// position; for an empty text, the reason alone.
class SyntaxError : public std::invalid_argument {
 public:
  /// `position` is a byte offset into `text`, at most its size.
  SyntaxError(std::string reason, std::string_view text, std::size_t position);

  /// The reason as a short text, without the position.
  const std::string& reason() const { return reason_; }
  /// Byte offset into the text.
  std::size_t position() const { return position_; }

 private:
  std::string reason_;
  std::size_t position_;
};

}  // namespace weir::expr
