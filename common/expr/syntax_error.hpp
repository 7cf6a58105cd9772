// What is wrong with an expression, and where.
#pragma once
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::expr {

/// An expression that cannot be read. what() is a line of words and, under it, the line of the text with a caret at the
/// place; of an empty text the words alone.
class SyntaxError : public std::runtime_error {
 public:
  /// `position` is a byte offset into `text`, at most its size.
  SyntaxError(std::string reason, std::string_view text, std::size_t position);

  /// In a few words, without the place.
  const std::string& reason() const { return reason_; }
  /// Byte offset into the text.
  std::size_t position() const { return position_; }

 private:
  std::string reason_;
  std::size_t position_;
};

}  // namespace weir::expr
