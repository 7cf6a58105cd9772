#include "time/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "time/digits.hpp"

namespace weir {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr std::array<Unit, 8> units{{{"ns", 1},
                                     {"us", 1'000},
                                     {"ms", 1'000'000},
                                     {"s", 1'000'000'000},
                                     {"m", 60'000'000'000},
                                     {"h", 3'600'000'000'000},
                                     {"d", 86'400'000'000'000},
                                     {"w", 604'800'000'000'000}}};

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && (is_digit(text[digits]) || text[digits] == '.')) ++digits;
    if (digits == 0 || !is_digit(text[0]) || text[digits - 1] == '.') return std::nullopt;
    double number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + digits, number, std::chars_format::fixed);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + digits) return std::nullopt;
    text.remove_prefix(digits);
    std::size_t letters = 0;
    while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') ++letters;
    const Unit* unit = nullptr;
    for (const Unit& each : units)
      if (each.name == text.substr(0, letters)) unit = &each;
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(letters);
    const double part = std::round(number * static_cast<double>(unit->nanoseconds));
    if (part >= 0x1p63 || __builtin_add_overflow(total, static_cast<std::int64_t>(part), &total)) return std::nullopt;
  }
  return Duration(total);
}

std::string format_duration(Duration length) {
  std::int64_t rest = length.count();
  std::string text;
  if (rest < 0) {
    text += '-';
    rest = -rest;
  }
  for (std::size_t i = units.size() - 1; i-- > 0;) {  // no weeks: `7d` is easier to read than `1w`
    const std::int64_t n = rest / units[i].nanoseconds;
    if (n == 0) continue;
    rest -= n * units[i].nanoseconds;
    text += fmt::format("{}{}", n, units[i].name);
  }
  return text.empty() ? "0s" : text;
}

}  // namespace weir
