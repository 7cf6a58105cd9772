// What the operators and functions of expressions do with their operands.
#pragma once
#include <algorithm>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "expr/code.hpp"
#include "expr/result.hpp"

namespace weir::expr {

/// The most bytes of a string that a function makes.
inline constexpr std::size_t max_text = 1 << 20;

/// Doubles hold all values of so few digits, each as another double.
inline constexpr std::size_t few_digits = 15;
/// Doubles hold all whole numbers below this, 2^53.
inline constexpr double exact_integers = 9007199254740992.0;

/// Whether computed() has this function of one number.
inline bool is_of_one_number(Code code) { return code == Code::negate || (code >= Code::abs && code <= Code::sqrt); }

/// A function of one number.
inline double computed(Code code, double a) {
  switch (code) {
    case Code::negate:
      return -a;
    case Code::abs:
      return std::abs(a);
    case Code::round:
      return std::round(a);
    case Code::floor:
      return std::floor(a);
    case Code::ceil:
      return std::ceil(a);
    default:
      return std::sqrt(a);
  }
}

/// An operator of two numbers; not a difference, which may be exact.
inline double computed(Code code, double a, double b) {
  switch (code) {
    case Code::add:
      return a + b;
    case Code::multiply:
      return a * b;
    case Code::divide:
      return a / b;
    default:
      return std::fmod(a, b);
  }
}

/// Whether the difference of two numbers is taken by their digits: they are known, and doubles may not hold it.
inline bool differ_by_digits(const Result& a, const Result& b) {
  const auto needs_digits = [](std::string_view digits) {
    return digits.size() > few_digits || digits.find('.') != std::string_view::npos;
  };
  return !a.text.empty() && !b.text.empty() && (needs_digits(a.text) || needs_digits(b.text));
}

/// a − b by their digits. A result of 2^53 and more has its digits, which are in `made`.
Result difference(const Result& a, const Result& b, std::string& made);

/// Two numbers by their digits, whose doubles are equal.
std::partial_ordering digits_order(std::string_view a, std::string_view b);

/// Two numbers by their value; by their digits where these are known and the doubles are equal.
inline std::partial_ordering number_order(const Result& a, const Result& b) {
  const std::partial_ordering order = a.number <=> b.number;
  if (std::is_neq(order) || std::max(a.text.size(), b.text.size()) <= few_digits) return order;
  return a.text.empty() || b.text.empty() ? order : digits_order(a.text, b.text);
}
/// Two strings by their bytes.
std::strong_ordering text_order(std::string_view a, std::string_view b);

/// contains, starts_with, ends_with.
Result text_test(Code code, std::string_view a, std::string_view b);

/// The number of operands of a function whose operands are not taken in pairs; 0 for all other codes.
std::size_t operands_of_call(Code code);
/// The type of its operand at a place, from 0.
Type wanted_by_call(Code code, std::size_t place);

/// Calls such a function; operands have the types wanted, and none is null. The result's text may point into `made`,
/// whose bytes are overwritten, or into an operand. A string of more than max_text bytes is an error.
Result call(Code code, const Result* operands, std::string& made);

/// Joins two values: strings, numbers by their digits, true and false. As call(); nothing is null.
Result concat(const Result& a, const Result& b, std::string& made);

}  // namespace weir::expr
