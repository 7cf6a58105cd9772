#include "record/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "record/number.hpp"

namespace weir {
namespace {

__extension__ using Wide = __int128;

constexpr int most_digits = 36;          // below 10^36 a Wide holds any digits, with room for a sum
constexpr int most_digits_of_word = 18;  // below 10^18 an integer of 64 bits does
constexpr std::int64_t exact_in_double = std::int64_t{1} << 53;

/// digits × 10^-decimals
struct Decimal {
  Wide digits = 0;
  int decimals = 0;
};

std::optional<Decimal> decimal_of(std::string_view token) {
  const bool negative = token.starts_with('-');
  if (negative) token.remove_prefix(1);
  if (token.empty()) return std::nullopt;
  Decimal decimal;
  std::int64_t word = 0;
  int count = 0;
  bool after_dot = false;
  for (const char c : token) {
    if (c == '.') {
      after_dot = true;
      continue;
    }
    if (c < '0' || c > '9' || ++count > most_digits) return std::nullopt;
    if (count <= most_digits_of_word)
      word = word * 10 + (c - '0');
    else
      decimal.digits = (count == most_digits_of_word + 1 ? Wide(word) : decimal.digits) * 10 + (c - '0');
    decimal.decimals += after_dot ? 1 : 0;
  }
  if (count <= most_digits_of_word) decimal.digits = word;
  if (negative) decimal.digits = -decimal.digits;
  return decimal;
}

/// Returns false where there would be too many digits.
bool widen(Decimal& decimal, int decimals) {
  for (; decimal.decimals < decimals; ++decimal.decimals)
    if (__builtin_mul_overflow(decimal.digits, Wide(10), &decimal.digits)) return false;
  return true;
}

/// Without zeros at the end of the decimals.
Decimal trimmed(Decimal decimal) {
  for (; decimal.decimals > 0 && decimal.digits % 10 == 0; --decimal.decimals) decimal.digits /= 10;
  return decimal;
}

std::optional<Decimal> exact_difference(std::string_view later, std::string_view earlier) {
  auto a = decimal_of(later);
  auto b = decimal_of(earlier);
  if (!a || !b || !widen(*a, b->decimals) || !widen(*b, a->decimals)) return std::nullopt;
  Decimal result{0, a->decimals};
  if (__builtin_sub_overflow(a->digits, b->digits, &result.digits)) return std::nullopt;
  return trimmed(result);
}

/// Rounds to so many decimals, halves away from zero.
Decimal rounded(Decimal decimal, int decimals) {
  int half = 0;
  for (; decimal.decimals > decimals; --decimal.decimals) {
    half = static_cast<int>(decimal.digits % 10);
    decimal.digits /= 10;
  }
  if (half >= 5 || half <= -5) decimal.digits += half > 0 ? 1 : -1;
  if (!widen(decimal, 0)) return {};
  return trimmed(decimal);
}

void append(std::string& out, const Decimal& decimal) {
  std::array<char, 48> text;
  char* const end = text.data() + text.size();
  char* first = end;
  const bool negative = decimal.digits < 0;
  Wide digits = decimal.digits;
  for (int place = 0; digits != 0 || place <= decimal.decimals; ++place, digits /= 10) {
    if (place > 0 && place == decimal.decimals) *--first = '.';
    const int digit = static_cast<int>(digits % 10);
    *--first = static_cast<char>('0' + (digit < 0 ? -digit : digit));
  }
  if (negative) *--first = '-';
  out.append(first, end);
}

double rounded_difference(std::string_view later, std::string_view earlier) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  return parse_json_number(later).value_or(unknown) - parse_json_number(earlier).value_or(unknown);
}

/// The digits before and after the dot, without the zeros that change nothing.
struct Digits {
  explicit Digits(std::string_view token) {
    negative = token.starts_with('-');
    if (negative) token.remove_prefix(1);
    const std::size_t dot = token.find('.');
    whole = token.substr(0, dot);
    if (dot != std::string_view::npos) fraction = token.substr(dot + 1);
    while (fraction.ends_with('0')) fraction.remove_suffix(1);
    if (whole == "0" && fraction.empty()) negative = false;
  }
  std::string_view whole;
  std::string_view fraction;
  bool negative = false;
};

int sign_of(int order) { return order < 0 ? -1 : (order > 0 ? 1 : 0); }

}  // namespace

void append_difference(std::string& out, std::string_view later, std::string_view earlier) {
  if (const auto exact = exact_difference(later, earlier)) return append(out, *exact);
  append_number(out, rounded_difference(later, earlier));
}

double nearest_difference(std::string_view later, std::string_view earlier) {
  const auto exact = exact_difference(later, earlier);
  if (!exact) return rounded_difference(later, earlier);
  // Both are exact as doubles, so the quotient is the nearest one.
  constexpr std::array<double, 19> powers{1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                          1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
  if (exact->digits <= exact_in_double && exact->digits >= -exact_in_double &&
      static_cast<std::size_t>(exact->decimals) < powers.size())
    return static_cast<double>(static_cast<std::int64_t>(exact->digits)) /
           powers[static_cast<std::size_t>(exact->decimals)];
  std::string text;
  append(text, *exact);
  return parse_json_number(text).value_or(std::numeric_limits<double>::quiet_NaN());
}

int compare_digits(std::string_view a, std::string_view b) {
  if (a.find_first_of("eE") != std::string_view::npos || b.find_first_of("eE") != std::string_view::npos) return 0;
  const Digits left(a);
  const Digits right(b);
  if (left.negative != right.negative) return left.negative ? -1 : 1;
  int order = 0;
  if (left.whole.size() != right.whole.size())
    order = left.whole.size() < right.whole.size() ? -1 : 1;
  else if (order = sign_of(left.whole.compare(right.whole)); order == 0)
    order = sign_of(left.fraction.compare(right.fraction));
  return left.negative ? -order : order;
}

std::array<double, 2> rounded_off(std::string_view token, double nearest) {
  if (token.find_first_of(".eE") != std::string_view::npos) return {};
  const auto exact = decimal_of(token);
  if (!exact) return {};
  const Wide rest = exact->digits - static_cast<Wide>(nearest);  // below 2^67, which is more than a double holds
  const auto most = static_cast<double>(rest);
  return {most, static_cast<double>(rest - static_cast<Wide>(most))};
}

void append_sum(std::string& out, std::span<const double> parts) {
  constexpr double most = 1e36;  // a little more than 10^36
  constexpr Wide most_exact = Wide(1'000'000'000'000'000'000) * 1'000'000'000'000'000'000;
  const double nearest = parts.empty() ? 0 : parts[0];
  const bool large = std::abs(nearest) >= static_cast<double>(exact_in_double) && std::abs(nearest) <= most;
  if (!large || std::any_of(parts.begin(), parts.end(), [](double each) { return std::trunc(each) != each; }))
    return append_number(out, nearest);
  Wide exact = 0;
  for (const double each : parts) exact += static_cast<Wide>(each);
  if (exact >= most_exact || exact <= -most_exact) return append_number(out, nearest);
  append(out, {exact, 0});
}

void append_rounded(std::string& out, std::string_view number, int decimals) {
  auto decimal = decimal_of(number);
  if (!decimal) {
    const auto value = parse_json_number(number);
    if (!value) return append_number(out, std::numeric_limits<double>::quiet_NaN());
    std::array<char, 512> plain{};
    const auto end = std::to_chars(plain.data(), plain.data() + plain.size(), *value, std::chars_format::fixed).ptr;
    decimal = decimal_of({plain.data(), static_cast<std::size_t>(end - plain.data())});
    if (!decimal && std::abs(*value) >= 1) return append_number(out, *value);
    if (!decimal) decimal = Decimal{};
  }
  append(out, rounded(*decimal, decimals));
}

double round_decimals(double value, int decimals) {
  if (std::trunc(value) == value && decimals >= 0) return value;
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  static thread_local std::string text;
  text.clear();
  append_rounded(text, {digits.data(), static_cast<std::size_t>(end - digits.data())}, decimals);
  return parse_json_number(text).value_or(value);
}

void DecimalSum::add(std::string_view number, int sign) {
  rounded_ += sign * parse_json_number(number).value_or(std::numeric_limits<double>::quiet_NaN());
  auto other = decimal_of(number);
  Decimal sum{digits_, decimals_};
  exact_ = exact_ && other && widen(sum, other->decimals) && widen(*other, sum.decimals) &&
           !__builtin_add_overflow(sum.digits, sign * other->digits, &sum.digits);
  if (!exact_) return;
  digits_ = sum.digits;
  decimals_ = sum.decimals;
}

void DecimalSum::append_to(std::string& out) const {
  if (!exact_) return append_number(out, rounded_);
  append(out, trimmed({digits_, decimals_}));
}

double DecimalSum::nearest() const {
  if (!exact_) return rounded_;
  std::string text;
  append_to(text);
  return parse_json_number(text).value_or(rounded_);
}

}  // namespace weir
