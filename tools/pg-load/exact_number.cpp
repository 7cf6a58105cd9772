#include "exact_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "time/digits.hpp"

namespace weir::pg_load {
namespace {

/// More than any exponent that matters; a longer one is cut to this.
constexpr std::int64_t most_exponent = 1'000'000'000;
constexpr std::int64_t int64_digits = 19;

/// The significant digits of a number: from the first to the last that is not zero, the point skipped.
struct Digits {
  std::string_view text;     ///< perhaps with a point; empty for zero
  std::int64_t count = 0;    ///< without the point
  std::int64_t highest = 0;  ///< the power of ten of the first
  std::int64_t lowest() const { return highest - count + 1; }
};

std::int64_t exponent_of(std::string_view power) {
  std::int64_t exponent = 0;
  if (power.starts_with('+')) power.remove_prefix(1);
  const auto read = std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (read.ec != std::errc{}) exponent = power.starts_with('-') ? -most_exponent : most_exponent;
  return std::clamp(exponent, -most_exponent, most_exponent);
}

Digits digits_of(std::string_view number) {
  const char* const end = number.data() + number.size();
  const char* first = nullptr;
  const char* last = nullptr;
  const char* point = nullptr;
  const char* p = number.data();
  for (; p != end && *p != 'e' && *p != 'E'; ++p) {
    if (*p == '.') point = p;
    if (*p < '1' || *p > '9') continue;
    if (first == nullptr) first = p;
    last = p;
  }
  if (first == nullptr) return {};
  const std::int64_t exponent = p == end ? 0 : exponent_of({p + 1, static_cast<std::size_t>(end - p - 1)});
  if (point == nullptr) point = p;
  Digits digits;
  digits.text = {first, static_cast<std::size_t>(last - first + 1)};
  digits.count = last - first + (first < point && point < last ? 0 : 1);
  digits.highest = exponent + (point > first ? point - first - 1 : point - first);
  return digits;
}

bool same(const Digits& a, const Digits& b) {
  if (a.count != b.count || a.highest != b.highest) return false;
  const char* q = b.text.data();
  for (const char c : a.text) {
    if (c == '.') continue;
    if (*q == '.') ++q;
    if (c != *q++) return false;
  }
  return true;
}

template <typename Float>
bool is_exact(std::string_view number) {
  const Digits digits = digits_of(number);
  // IEEE 754 keeps so many digits, but for numbers at the ends of the range.
  const bool is_usual = digits.highest > -30 && digits.highest < 30;
  if (is_usual && digits.count <= std::numeric_limits<Float>::digits10) return true;
  if (digits.count > std::numeric_limits<Float>::max_digits10) return false;
  Float value = 0;
  if (std::from_chars(number.data(), number.data() + number.size(), value).ec != std::errc{}) return digits.count == 0;
  std::array<char, 32> shortest;
  const auto end =
      std::to_chars(shortest.data(), shortest.data() + shortest.size(), value, std::chars_format::scientific);
  return same(digits, digits_of({shortest.data(), static_cast<std::size_t>(end.ptr - shortest.data())}));
}

}  // namespace

bool is_exact_double(std::string_view number) { return is_exact<double>(number); }
bool is_exact_real(std::string_view number) { return is_exact<float>(number); }

bool append_int64(std::string& out, std::string_view number) {
  const bool plain = std::all_of(number.begin() + (number.starts_with('-') ? 1 : 0), number.end(), is_digit);
  if (plain && number.size() < int64_digits) {
    out += number;
    return true;
  }
  const Digits digits = digits_of(number);
  if (digits.count > 0 && (digits.lowest() < 0 || digits.highest >= int64_digits)) return false;
  const auto before = out.size();
  if (number.starts_with('-')) out += '-';
  if (digits.count == 0) out += '0';
  for (const char c : digits.text)
    if (c != '.') out += c;
  if (digits.count > 0) out.append(static_cast<std::size_t>(digits.lowest()), '0');
  std::int64_t value = 0;
  if (std::from_chars(out.data() + before, out.data() + out.size(), value).ec == std::errc{}) return true;
  out.resize(before);
  return false;
}

bool is_within_double(std::string_view number) {
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  return read.ec == std::errc{} && std::abs(value) < 0x1p53;
}

std::int64_t decimals_of(std::string_view number) {
  const Digits digits = digits_of(number);
  return digits.count == 0 ? 0 : std::max<std::int64_t>(0, -digits.lowest());
}

std::int64_t magnitude_of(std::string_view number) { return digits_of(number).highest; }

}  // namespace weir::pg_load
