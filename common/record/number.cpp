#include "record/number.hpp"

#include <fmt/compile.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace weir {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Exact powers of ten: with at most 15 digits of mantissa (< 2^53) one multiplication or division rounds correctly
// (Clinger 1990, "How to read floating point numbers accurately", the fast path).
constexpr std::array<double, 23> powers_of_ten{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

struct Scanned {
  bool valid = false;
  bool fast = false;  ///< `value` is the exact result; otherwise the general conversion has to be asked
  double value = 0;
};

/// One pass that checks the grammar and, where the digits are few and there is no exponent, gives the value too.
Scanned scan(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  if (p == end || !is_digit(*p)) return {};
  std::uint64_t mantissa = 0;
  const char* const first = p;
  if (*p == '0') {
    ++p;
    if (p != end && is_digit(*p)) return {};
  } else {
    for (; p != end && is_digit(*p); ++p) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
  }
  auto digits = p - first;
  std::ptrdiff_t decimals = 0;
  if (p != end && *p == '.') {
    const char* const dot = ++p;
    for (; p != end && is_digit(*p); ++p) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
    decimals = p - dot;
    if (decimals == 0) return {};
    digits += decimals;
  }
  if (p == end) {
    if (digits > 15) return {true, false, 0};
    const double value = static_cast<double>(mantissa) / powers_of_ten[static_cast<std::size_t>(decimals)];
    return {true, true, negative ? -value : value};
  }
  if (*p != 'e' && *p != 'E') return {};
  ++p;
  if (p != end && (*p == '+' || *p == '-')) ++p;
  if (p == end) return {};
  for (; p != end; ++p)
    if (!is_digit(*p)) return {};
  return {true, false, 0};
}

template <typename Number>
void append_formatted(std::string& out, Number value) {
  std::array<char, 32> buffer;
  const char* const end = fmt::format_to(buffer.data(), FMT_COMPILE("{}"), value);
  out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

}  // namespace

bool is_json_number(std::string_view text) { return scan(text).valid; }

bool scan_json_number(std::string_view text, double& value) {
  const Scanned scanned = scan(text);
  value = scanned.fast ? scanned.value : std::numeric_limits<double>::quiet_NaN();
  return scanned.valid;
}

bool parse_json_number(std::string_view text, double& value) {
  const Scanned scanned = scan(text);
  if (!scanned.valid) return false;
  value = scanned.value;
  if (scanned.fast) return true;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc::result_out_of_range) {
    // Too small is zero (or a denormal that from_chars will not give); too large is no number that can be worked with.
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
  append_formatted(out, value);
}

void append_number(std::string& out, std::int64_t value) { append_formatted(out, value); }
void append_number(std::string& out, std::uint64_t value) { append_formatted(out, value); }

}  // namespace weir
