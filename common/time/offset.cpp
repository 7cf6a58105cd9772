#include "time/offset.hpp"

#include "time/digits.hpp"

namespace weir {
namespace {

/// Takes two digits from the front of a text, or returns -1.
int take_two_digits(std::string_view& text) {
  if (text.size() < 2 || !is_digit(text[0]) || !is_digit(text[1])) return -1;
  const int value = (text[0] - '0') * 10 + (text[1] - '0');
  text.remove_prefix(2);
  return value;
}

}  // namespace

bool take_offset(std::string_view& text, Duration& offset) {
  if (!text.starts_with('+') && !text.starts_with('-')) return false;
  const bool west = text.front() == '-';
  text.remove_prefix(1);
  const int hours = take_two_digits(text);
  int minutes = 0;
  const bool colon = text.starts_with(':');
  if (colon) text.remove_prefix(1);
  if (colon || (!text.empty() && is_digit(text.front()))) minutes = take_two_digits(text);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
  offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  if (west) offset = -offset;
  return true;
}

}  // namespace weir
