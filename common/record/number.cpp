#include "record/number.hpp"

#include <fmt/compile.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "time/digits.hpp"

namespace weir {
namespace {

// Exact powers of ten: with at most 15 digits of mantissa (< 2^53) one multiplication or division rounds correctly
// (Clinger 1990, "How to read floating point numbers accurately", the fast path).
constexpr std::array<double, 23> powers_of_ten{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

template <typename Number>
void append_formatted(std::string& out, Number value) {
  std::array<char, 32> buffer;
  const char* const end = fmt::format_to(buffer.data(), FMT_COMPILE("{}"), value);
  out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

/// Appends a number of at most four decimals, as fmt would: what reads back as the number and has at most 15 digits is
/// unique, and so the shortest. Returns false for all others.
bool append_short(std::string& out, double value) {
  constexpr double scale = 1e4;
  const double amount = std::abs(value);
  if (!(amount >= 1 / scale && amount < 1e9)) return false;
  auto digits = static_cast<std::int64_t>(amount * scale + 0.5);
  if (static_cast<double>(digits) / scale != amount) return false;
  int decimals = 4;
  for (; decimals > 0 && digits % 10 == 0; --decimals) digits /= 10;
  std::array<char, 16> buffer;
  char* const end = buffer.data() + buffer.size();
  char* p = end;
  const auto put = [&] {
    *--p = static_cast<char>('0' + digits % 10);
    digits /= 10;
  };
  if (decimals > 0) {
    for (; decimals > 0; --decimals) put();
    *--p = '.';
  }
  do put();
  while (digits > 0);
  if (value < 0) *--p = '-';
  out.append(p, static_cast<std::size_t>(end - p));
  return true;
}

}  // namespace

bool is_json_number(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto digits = [&p, end] {
    const char* const first = p;
    while (p != end && is_digit(*p)) ++p;
    return p - first;
  };
  if (p != end && *p == '-') ++p;
  const bool zero = p != end && *p == '0';
  if (const auto whole = digits(); whole == 0 || (zero && whole > 1)) return false;
  if (p != end && *p == '.') {
    ++p;
    if (digits() == 0) return false;
  }
  if (p == end) return true;
  if (*p != 'e' && *p != 'E') return false;
  ++p;
  if (p != end && (*p == '+' || *p == '-')) ++p;
  return digits() > 0 && p == end;
}

bool scan_json_number(std::string_view text, double& value) {
  // The fast path: few digits, perhaps a minus and a point.
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  const char* const first = p;
  std::uint64_t mantissa = 0;
  for (; p != end && is_digit(*p); ++p) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
  if (end - first <= 15 && p != first && (*first != '0' || p == first + 1)) {
    std::size_t decimals = 0;
    if (p != end && *p == '.') {
      const char* const point = p++;
      for (; p != end && is_digit(*p); ++p) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
      decimals = static_cast<std::size_t>(p - point - 1);
      if (decimals == 0) return false;
    }
    if (p == end) {
      const double amount = static_cast<double>(static_cast<std::int64_t>(mantissa)) / powers_of_ten[decimals];
      value = negative ? -amount : amount;
      return true;
    }
  }
  value = std::numeric_limits<double>::quiet_NaN();
  return is_json_number(text);
}

bool parse_json_number(std::string_view text, double& value) {
  if (!scan_json_number(text, value)) return false;
  if (!std::isnan(value)) return true;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc::result_out_of_range) {
    // Too small a number is zero (or a denormal, which from_chars rejects); too large a number is not usable.
    const auto e = text.find_first_of("eE");
    value = 0;
    return e != std::string_view::npos && text[e + 1] == '-';
  }
  return true;
}

std::optional<double> parse_json_number(std::string_view text) {
  double value = 0;
  return parse_json_number(text, value) ? std::optional(value) : std::nullopt;
}

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  if (!append_short(out, value)) append_formatted(out, value);
}

void append_number(std::string& out, std::int64_t value) { append_formatted(out, value); }
void append_number(std::string& out, std::uint64_t value) { append_formatted(out, value); }

}  // namespace weir
