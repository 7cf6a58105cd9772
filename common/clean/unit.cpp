#include "clean/unit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "record/number.hpp"

namespace weir::clean {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t k = 1'000;
constexpr std::int64_t m = 1'000'000;
// Defined exactly: the pound-force per square inch is 4.4482216152605 N / (0.0254 m)²; conventional columns of mercury
// are 133.322387415 Pa and 25.4 times that; the mile is 1609.344 m, the US gallon 3.785411784 L, the pound 0.45359237 kg.
constexpr Unit units[] = {
    {"degC", "temperature", 1, 1, 0},
    {"degF", "temperature", 5, 9, -3200},
    {"K", "temperature", 1, 1, -27315},
    {"Pa", "pressure", 1, 1, 0},
    {"hPa", "pressure", 100, 1, 0},
    {"kPa", "pressure", k, 1, 0},
    {"MPa", "pressure", m, 1, 0},
    {"mbar", "pressure", 100, 1, 0},
    {"bar", "pressure", 100 * k, 1, 0},
    {"atm", "pressure", 101'325, 1, 0},
    {"psi", "pressure", 44'482'216'152'605, 6'451'600'000, 0},
    {"mmHg", "pressure", 133'322'387'415, 1'000'000'000, 0},
    {"inHg", "pressure", 33'863'886'403'41, 1'000'000'000, 0},
    {"m/s", "speed", 1, 1, 0},
    {"mm/s", "speed", 1, k, 0},
    {"km/h", "speed", 5, 18, 0},
    {"mph", "speed", 44'704, 100'000, 0},
    {"kn", "speed", 1'852, 3'600, 0},
    {"m", "length", 1, 1, 0},
    {"mm", "length", 1, k, 0},
    {"cm", "length", 1, 100, 0},
    {"km", "length", k, 1, 0},
    {"in", "length", 254, 10'000, 0},
    {"ft", "length", 3'048, 10'000, 0},
    {"mi", "length", 1'609'344, k, 0},
    {"L", "volume", 1, 1, 0},
    {"mL", "volume", 1, k, 0},
    {"m3", "volume", k, 1, 0},
    {"gal", "volume", 3'785'411'784, 1'000'000'000, 0},
    {"L/s", "flow", 1, 1, 0},
    {"L/min", "flow", 1, 60, 0},
    {"m3/h", "flow", 10, 36, 0},
    {"gal/min", "flow", 3'785'411'784, 60'000'000'000, 0},
    {"kg", "mass", 1, 1, 0},
    {"g", "mass", 1, k, 0},
    {"mg", "mass", 1, m, 0},
    {"lb", "mass", 45'359'237, 100'000'000, 0},
    {"J", "energy", 1, 1, 0},
    {"kJ", "energy", k, 1, 0},
    {"Wh", "energy", 3'600, 1, 0},
    {"kWh", "energy", 3'600 * k, 1, 0},
    {"MWh", "energy", 3'600 * m, 1, 0},
    {"W", "power", 1, 1, 0},
    {"kW", "power", k, 1, 0},
    {"MW", "power", m, 1, 0},
    {"g/L", "concentration", 1, 1, 0},
    {"mg/L", "concentration", 1, k, 0},
    {"ug/L", "concentration", 1, m, 0},
    {"S/m", "conductivity", 1, 1, 0},
    {"mS/cm", "conductivity", 1, 10, 0},
    {"uS/cm", "conductivity", 1, 10'000, 0},
    {"V", "voltage", 1, 1, 0},
    {"mV", "voltage", 1, k, 0},
    {"A", "current", 1, 1, 0},
    {"mA", "current", 1, k, 0},
    {"s", "time", 1, 1, 0},
    {"ms", "time", 1, k, 0},
    {"min", "time", 60, 1, 0},
    {"h", "time", 3'600, 1, 0},
    {"%", "ratio", 1, 100, 0},
    {"1", "ratio", 1, 1, 0},
};

/// Other names of units, besides their symbols.
constexpr std::pair<std::string_view, std::string_view> names[] = {
    {"C", "degC"},         {"°C", "degC"},      {"℃", "degC"},         {"celsius", "degC"}, {"F", "degF"},
    {"°F", "degF"},        {"℉", "degF"},       {"fahrenheit", "degF"}, {"kelvin", "K"},    {"kph", "km/h"},
    {"kmh", "km/h"},       {"kt", "kn"},        {"knots", "kn"},        {"mps", "m/s"},     {"l", "L"},
    {"ml", "mL"},          {"m³", "m3"},        {"m³/h", "m3/h"},       {"l/s", "L/s"},     {"l/min", "L/min"},
    {"gpm", "gal/min"},    {"mg/l", "mg/L"},    {"µg/L", "ug/L"},       {"μg/L", "ug/L"},   {"ug/l", "ug/L"},
    {"g/l", "g/L"},        {"µS/cm", "uS/cm"},  {"μS/cm", "uS/cm"},     {"percent", "%"},   {"mile", "mi"},
};

std::string lower(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = c == '/' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return all;
}

/// The digits of a number, × 10^exponent.
struct Digits {
  Wide value = 0;
  int exponent = 0;
};

bool read_digits(std::string_view number, Digits& digits) {
  constexpr std::size_t most = 20;
  const bool negative = number.starts_with('-');
  std::size_t count = 0;
  bool fraction = false;
  for (const char c : number.substr(negative ? 1 : 0)) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9' || ++count > most) return false;
    digits.value = digits.value * 10 + (c - '0');
    if (fraction) --digits.exponent;
  }
  if (negative) digits.value = -digits.value;
  return true;
}

/// Appends value × 10^exponent without needless zeros.
void append_decimal(std::string& out, Wide value, int exponent) {
  if (value == 0) {
    out += '0';
    return;
  }
  if (value < 0) {
    out += '-';
    value = -value;
  }
  std::string digits;
  for (; value > 0; value /= 10) digits += static_cast<char>('0' + static_cast<int>(value % 10));
  std::reverse(digits.begin(), digits.end());
  while (exponent < 0 && digits.size() > 1 && digits.back() == '0') digits.pop_back(), ++exponent;
  if (exponent >= 0) {
    out += digits;
    out.append(static_cast<std::size_t>(exponent), '0');
    return;
  }
  const auto decimals = static_cast<std::size_t>(-exponent);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  out.append(digits, 0, digits.size() - decimals);
  out += '.';
  out.append(digits, digits.size() - decimals);
}

/// Appends value / divisor × 10^exponent: exact where it ends, otherwise rounded to 15 digits, halves away from zero.
void append_quotient(std::string& out, Wide value, Wide divisor, int exponent) {
  constexpr Wide enough = 10'000'000'000'000'000;  // 17 digits
  constexpr Wide most = 999'999'999'999'999;       // 15 digits
  const bool negative = value < 0;
  if (negative) value = -value;
  Wide quotient = value / divisor;
  Wide rest = value % divisor;
  while (rest != 0 && quotient < enough) {
    rest *= 10;
    quotient = quotient * 10 + rest / divisor;
    rest %= divisor;
    --exponent;
  }
  if (rest != 0) {
    Wide dropped = 1;
    while (quotient / dropped > most) dropped *= 10, ++exponent;
    quotient = (quotient + dropped / 2) / dropped;
  }
  append_decimal(out, negative ? -quotient : quotient, exponent);
}

}  // namespace

const Unit* find_unit(std::string_view name) {
  for (const auto& [other, symbol] : names)
    if (other == name) name = symbol;
  for (const Unit& unit : units)
    if (unit.symbol == name) return &unit;
  return nullptr;
}

const Unit* unit_of_field(std::string_view field) {
  for (std::size_t at = field.find('_'); at != std::string_view::npos; at = field.find('_', at + 1)) {
    const std::string end = lower(field.substr(at + 1));
    const Unit* found = nullptr;
    const auto take = [&](std::string_view name, const Unit* unit) {
      if (lower(name) != end || found == unit) return true;
      if (found != nullptr) return false;
      found = unit;
      return true;
    };
    for (const Unit& unit : units)
      if (!take(unit.symbol, &unit)) return nullptr;
    for (const auto& [name, symbol] : names)
      if (!take(name, find_unit(symbol))) return nullptr;
    if (found != nullptr) return found;
  }
  return nullptr;
}

Conversion::Conversion(const Unit& from, const Unit& to) : from_shift_(from.shift), to_shift_(to.shift) {
  if (from.dimension != to.dimension)
    throw std::invalid_argument(
        fmt::format("{} is a {}, {} is a {}", from.symbol, from.dimension, to.symbol, to.dimension));
  // Reduced first by what both have in common, so that the products stay within 64 bits.
  const auto reduced = [](std::int64_t a, std::int64_t b) {
    const std::int64_t common = std::gcd(a, b);
    return std::pair(a / common, b / common);
  };
  auto [a, b] = reduced(from.numerator, to.numerator);
  auto [c, d] = reduced(to.denominator, from.denominator);
  std::tie(a, d) = reduced(a, d);
  std::tie(c, b) = reduced(c, b);
  if (__builtin_mul_overflow(a, c, &numerator_) || __builtin_mul_overflow(b, d, &denominator_))
    throw std::invalid_argument(fmt::format("{} to {} has too many digits", from.symbol, to.symbol));
}

bool Conversion::append(std::string& out, std::string_view number) const {
  Digits digits;
  if (!read_digits(number, digits)) return append_double(out, number);
  if (from_shift_ != 0 || to_shift_ != 0)
    for (; digits.exponent > -2; --digits.exponent) digits.value *= 10;
  Wide hundredth = 1;
  for (int i = digits.exponent; i < -2; ++i) hundredth *= 10;
  Wide value = digits.value + (from_shift_ != 0 ? from_shift_ * hundredth : 0);
  Wide shift = 0;
  if (__builtin_mul_overflow(value, Wide{numerator_}, &value) ||
      (to_shift_ != 0 && __builtin_mul_overflow(to_shift_ * hundredth, Wide{denominator_}, &shift)) ||
      __builtin_sub_overflow(value, shift, &value))
    return append_double(out, number);
  append_quotient(out, value, denominator_, digits.exponent);
  return true;
}

bool Conversion::append_double(std::string& out, std::string_view number) const {
  constexpr double hundred = 100;
  double value = 0;
  if (!parse_json_number(number, value)) return false;
  const auto numerator = static_cast<double>(numerator_);
  const auto denominator = static_cast<double>(denominator_);
  value += static_cast<double>(from_shift_) / hundred;
  double result = value * numerator / denominator;
  if (!std::isfinite(result)) result = value * (numerator / denominator);  // the product alone may be too large
  result -= static_cast<double>(to_shift_) / hundred;
  if (!std::isfinite(result)) return false;
  append_number(out, result);
  return true;
}

}  // namespace weir::clean
