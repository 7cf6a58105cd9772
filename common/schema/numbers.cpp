#include "schema/numbers.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "record/decimal.hpp"

namespace weir::schema {
namespace {

__extension__ using Wide = __int128;
constexpr int most_digits = 36;    // ten times as much still fits into Wide
constexpr int most_shifts = 2000;  // decimal places between two numbers

/// digits × 10^exponent, without the sign.
struct Decimal {
  Wide digits = 0;
  int exponent = 0;
};

std::optional<Decimal> decimal_of(std::string_view token) {
  Decimal decimal;
  int length = 0;
  bool fraction = false;
  for (std::size_t i = token.starts_with('-') ? 1 : 0; i < token.size(); ++i) {
    const char c = token[i];
    if (c == '.') {
      fraction = true;
    } else if (c == 'e' || c == 'E') {
      std::string_view rest = token.substr(i + 1);
      if (rest.starts_with('+')) rest.remove_prefix(1);
      int exponent = 0;
      if (std::from_chars(rest.data(), rest.data() + rest.size(), exponent).ec != std::errc()) return std::nullopt;
      if (exponent < -most_shifts || exponent > most_shifts) return std::nullopt;
      decimal.exponent += exponent;
      break;
    } else {
      if (decimal.digits != 0 && ++length >= most_digits) return std::nullopt;
      decimal.digits = decimal.digits * 10 + (c - '0');
      if (fraction) --decimal.exponent;
    }
  }
  while (decimal.digits != 0 && decimal.digits % 10 == 0) {
    decimal.digits /= 10;
    ++decimal.exponent;
  }
  return decimal;
}

/// Beyond a double's range, the sign decides.
double double_of(const Value& number) {
  double value = 0;
  if (number.read(value)) return value;
  return number.raw.starts_with('-') ? -HUGE_VAL : HUGE_VAL;
}

}  // namespace

int compare_numbers(const Value& a, const Value& b) {
  const double left = double_of(a);
  const double right = double_of(b);
  if (left < right) return -1;
  if (right < left) return 1;
  return left == 0 ? 0 : compare_digits(a.raw, b.raw);
}

bool is_whole_number(const Value& number) {
  if (number.raw.find_first_of(".eE") == std::string_view::npos) return true;
  if (const auto decimal = decimal_of(number.raw)) return decimal->digits == 0 || decimal->exponent >= 0;
  const double value = double_of(number);
  return std::trunc(value) == value;
}

bool is_multiple(const Value& number, const Value& divisor) {
  const auto dividend = decimal_of(number.raw);
  const auto unit = decimal_of(divisor.raw);
  if (!dividend || !unit || unit->digits == 0) return std::remainder(double_of(number), double_of(divisor)) == 0;
  if (dividend->digits == 0) return true;
  if (dividend->exponent < unit->exponent) return false;  // neither ends in zeros: digits are left below the unit
  Wide rest = dividend->digits % unit->digits;
  for (int i = unit->exponent; i < dividend->exponent && rest != 0; ++i) rest = rest * 10 % unit->digits;
  return rest == 0;
}

}  // namespace weir::schema
