#include "expr/syntax_error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::expr {
namespace {

constexpr std::size_t shown_before = 60;  // code points
constexpr std::size_t shown_after = 40;

bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// The reason, the line with the position (cut to a terminal's width) and a caret below it. Control characters become
/// blanks, so that hostile text cannot control the terminal.
std::string with_caret(const std::string& reason, std::string_view text, std::size_t position) {
  if (text.empty()) return reason;
  position = std::min(position, text.size());
  const std::size_t before = position == 0 ? std::string_view::npos : text.rfind('\n', position - 1);
  const std::size_t line_begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t line_end = std::min(text.find('\n', position), text.size());
  std::size_t column = 1;
  for (std::size_t i = line_begin; i < position; ++i) column += continues_code_point(text[i]) ? 0 : 1;
  std::size_t begin = position;
  for (std::size_t n = 0; begin > line_begin && n < shown_before; --begin)
    n += continues_code_point(text[begin - 1]) ? 0 : 1;
  while (begin < position && continues_code_point(text[begin])) ++begin;
  std::size_t end = position;
  for (std::size_t n = 0; end < line_end && n < shown_after; ++end) n += continues_code_point(text[end]) ? 0 : 1;
  while (end < line_end && continues_code_point(text[end])) ++end;
  std::string shown(text.substr(begin, end - begin));
  std::size_t indent = 0;
  for (std::size_t i = begin; i < position; ++i) indent += continues_code_point(text[i]) ? 0 : 1;
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return fmt::format("{}, at column {}\n  {}\n  {}^", reason, column, shown, std::string(indent, ' '));
}

}  // namespace

SyntaxError::SyntaxError(std::string reason, std::string_view text, std::size_t position)
    : std::invalid_argument(with_caret(reason, text, position)), reason_(std::move(reason)), position_(position) {}

}  // namespace weir::expr
