#include "pattern_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "time/digits.hpp"
#include "time/duration.hpp"

namespace weir::cep_match {
namespace {

/// The most of one quantifier.
constexpr std::uint32_t max_count = 10'000;

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return upper(x) == upper(y); });
}

}  // namespace

std::size_t PatternReader::position() {
  while (position_ < text_.size() &&
         (text_[position_] == ' ' || (text_[position_] >= '\t' && text_[position_] <= '\r')))
    ++position_;
  return position_;
}

bool PatternReader::take(std::string_view what) {
  if (!sees(what)) return false;
  position_ += what.size();
  return true;
}

void PatternReader::expect(std::string_view what) {
  if (!take(what)) fail(fmt::format("expected {}", what));
}

std::string_view PatternReader::peek_name() {
  const std::size_t begin = position();
  std::size_t end = begin;
  if (peek() == '`') {
    end = text_.find('`', begin + 1);
    if (end == std::string_view::npos) fail("a name in backticks that is not closed");
    return text_.substr(begin, end + 1 - begin);
  }
  if (at_end() || !starts_name(text_[begin])) return {};
  while (end < text_.size() && (starts_name(text_[end]) || is_digit(text_[end]))) ++end;
  return text_.substr(begin, end - begin);
}

std::string PatternReader::take_name(std::string_view what) {
  std::string_view name = peek_name();
  if (name.empty()) fail(fmt::format("expected {}", what));
  position_ += name.size();
  if (name.front() == '`') name = name.substr(1, name.size() - 2);
  if (name.empty()) fail("an empty name");
  return std::string(name);
}

bool PatternReader::sees_word(std::string_view word) { return same_word(peek_name(), word); }

bool PatternReader::take_word(std::string_view word) {
  if (!sees_word(word)) return false;
  position_ += word.size();
  return true;
}

Duration PatternReader::take_duration() {
  if (take_word("INTERVAL")) return take_interval();
  const std::size_t begin = position();
  std::size_t end = begin;
  while (end < text_.size() && (is_digit(text_[end]) || text_[end] == '.' || starts_name(text_[end]))) ++end;
  const auto length = parse_duration(text_.substr(begin, end - begin));
  if (!length || *length <= Duration::zero()) fail("expected a duration such as 10m");
  position_ = end;
  return *length;
}

Duration PatternReader::take_interval() {
  static constexpr std::array<std::pair<std::string_view, const char*>, 4> units{
      {{"SECOND", "s"}, {"MINUTE", "m"}, {"HOUR", "h"}, {"DAY", "d"}}};
  expect("'");
  const std::size_t begin = position();
  const std::size_t end = text_.find('\'', begin);
  if (end == std::string_view::npos) fail("expected an interval such as INTERVAL '10' MINUTE");
  position_ = end + 1;
  const std::size_t unit_at = position();
  for (const auto& [word, unit] : units) {
    if (!take_word(word) && !take_word(std::string(word) + 'S')) continue;
    const auto length = parse_duration(std::string(text_.substr(begin, end - begin)) + unit);
    if (!length || *length <= Duration::zero()) fail_at("expected a number such as '10'", begin);
    return *length;
  }
  fail_at("expected SECOND, MINUTE, HOUR or DAY", unit_at);
}

std::uint32_t PatternReader::take_count() {
  const std::size_t begin = position();
  std::uint32_t count = 0;
  while (position_ < text_.size() && is_digit(text_[position_])) {
    count = count * 10 + static_cast<std::uint32_t>(text_[position_++] - '0');
    if (count > max_count) fail_at(fmt::format("a count of at most {}", max_count), begin);
  }
  if (position_ == begin) fail("expected a count");
  return count;
}

/// {n} {n,} {,m} {n,m}
void PatternReader::take_bounds(Pattern& repeat) {
  const std::size_t begin = position_;
  const bool from = peek() != ',';
  repeat.least = from ? take_count() : 0;
  repeat.most = repeat.least;
  if (take(",")) {
    repeat.most = peek() == '}' ? Pattern::unlimited : take_count();
  }
  expect("}");
  if (repeat.most == 0 || repeat.most < repeat.least) fail_at("the greatest count is less than the least, or 0", begin);
}

bool PatternReader::take_quantifier(Pattern& pattern) {
  Pattern repeat = Pattern::of(Pattern::Kind::repeat);
  if (take("*")) {
  } else if (take("+")) {
    repeat.least = 1;
  } else if (take("?")) {
    repeat.most = 1;
  } else if (sees("{") && !sees("{-")) {
    take("{");
    take_bounds(repeat);
  } else {
    return false;
  }
  if (take("?")) repeat.greed = Greed::reluctant;
  if (peek() == '*' || peek() == '+' || peek() == '?') fail("one quantifier follows another; use parentheses");
  repeat.link = pattern.link;
  repeat.parts.push_back(std::move(pattern));
  pattern = std::move(repeat);
  return true;
}

}  // namespace weir::cep_match
