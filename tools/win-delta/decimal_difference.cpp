#include "decimal_difference.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <optional>

#include "record/number.hpp"

namespace weir::win_delta {
namespace {

constexpr int most_digits = 18;  // below 10^18 an integer of 64 bits holds any digits

/// digits × 10^-decimals
struct Decimal {
  std::int64_t digits = 0;
  int decimals = 0;
};

std::optional<Decimal> decimal_of(std::string_view token) {
  const bool negative = token.starts_with('-');
  if (negative) token.remove_prefix(1);
  Decimal decimal;
  int count = 0;
  bool after_dot = false;
  for (const char c : token) {
    if (c == '.') {
      after_dot = true;
      continue;
    }
    if (c < '0' || c > '9' || ++count > most_digits) return std::nullopt;
    decimal.digits = decimal.digits * 10 + (c - '0');
    decimal.decimals += after_dot ? 1 : 0;
  }
  if (negative) decimal.digits = -decimal.digits;
  return decimal;
}

/// Returns false where there would be too many digits.
bool widen(Decimal& decimal, int decimals) {
  for (; decimal.decimals < decimals; ++decimal.decimals)
    if (__builtin_mul_overflow(decimal.digits, 10, &decimal.digits)) return false;
  return true;
}

std::optional<Decimal> difference(Decimal later, Decimal earlier) {
  if (!widen(later, earlier.decimals) || !widen(earlier, later.decimals)) return std::nullopt;
  Decimal result{0, later.decimals};
  if (__builtin_sub_overflow(later.digits, earlier.digits, &result.digits)) return std::nullopt;
  for (; result.decimals > 0 && result.digits % 10 == 0; --result.decimals) result.digits /= 10;
  return result;
}

void append(std::string& out, const Decimal& decimal) {
  if (decimal.decimals == 0) return append_number(out, decimal.digits);
  std::uint64_t digits = static_cast<std::uint64_t>(decimal.digits);
  if (decimal.digits < 0) {
    out += '-';
    digits = 0 - digits;
  }
  std::uint64_t unit = 1;
  for (int i = 0; i < decimal.decimals; ++i) unit *= 10;
  fmt::format_to(std::back_inserter(out), "{}.{:0{}}", digits / unit, digits % unit, decimal.decimals);
}

}  // namespace

void append_difference(std::string& out, std::string_view later, std::string_view earlier) {
  const auto a = decimal_of(later);
  const auto b = decimal_of(earlier);
  if (a && b) {
    if (const auto exact = difference(*a, *b)) return append(out, *exact);
  }
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  append_number(out, parse_json_number(later).value_or(unknown) - parse_json_number(earlier).value_or(unknown));
}

}  // namespace weir::win_delta
