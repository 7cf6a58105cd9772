#include "schema/formats.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "time/digits.hpp"

namespace weir::schema {
namespace {

/// A number of exactly so many digits, taken off the text; -1 where there is none.
int take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_digit(text[i])) return -1;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text) {
  constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = take_number(text, 4);
  if (year < 0 || !take(text, "-")) return false;
  const int month = take_number(text, 2);
  if (month < 1 || month > 12 || !take(text, "-")) return false;
  const int day = take_number(text, 2);
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day >= 1 && day <= lengths[static_cast<std::size_t>(month) - 1] + (month == 2 && leap ? 1 : 0);
}

/// A time of day with its offset, by RFC 3339 §5.6. A leap second is at 23:59:60 in UTC; any minute may have one here.
bool take_time(std::string_view& text) {
  const auto below = [&text](int limit) {
    const int number = take_number(text, 2);
    return number >= 0 && number < limit;
  };
  if (!below(24) || !take(text, ":") || !below(60) || !take(text, ":") || !below(61)) return false;
  if (take(text, ".")) {
    if (text.empty() || !is_digit(text.front())) return false;
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  }
  if (take(text, "Zz")) return true;
  return take(text, "+-") && below(24) && take(text, ":") && below(60);
}

bool is_date(std::string_view text) { return take_date(text) && text.empty(); }
bool is_time(std::string_view text) { return take_time(text) && text.empty(); }
bool is_date_time(std::string_view text) {
  return take_date(text) && take(text, "Tt") && take_time(text) && text.empty();
}

bool is_address(int family, std::string_view text) {
  constexpr std::size_t longest = 45;
  if (text.size() > longest || text.find('\0') != std::string_view::npos) return false;
  std::array<unsigned char, 16> address{};
  return inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}
bool is_ipv4(std::string_view text) { return is_address(AF_INET, text); }
bool is_ipv6(std::string_view text) { return is_address(AF_INET6, text); }

bool is_uuid(std::string_view text) {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  const auto fits = [](char c, char wanted) {
    return wanted == '-' ? c == '-' : is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  return text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(), fits);
}

constexpr std::array<std::pair<std::string_view, FormatCheck>, 6> checks{{{"date-time", is_date_time},
                                                                          {"date", is_date},
                                                                          {"time", is_time},
                                                                          {"ipv4", is_ipv4},
                                                                          {"ipv6", is_ipv6},
                                                                          {"uuid", is_uuid}}};

}  // namespace

FormatCheck format_check(std::string_view name) {
  for (const auto& [known, check] : checks)
    if (known == name) return check;
  return nullptr;
}

}  // namespace weir::schema
