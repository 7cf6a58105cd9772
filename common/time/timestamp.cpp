#include "time/timestamp.hpp"

#include <charconv>
#include <cmath>
#include <cstring>

#include "time/digits.hpp"
#include "time/milliseconds.hpp"
#include "time/offset.hpp"
#include "time/time_of_day.hpp"

namespace weir {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::year_month_day;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::array<std::int64_t, 10> powers_of_ten{1,       10,        100,        1'000,       10'000,
                                                     100'000, 1'000'000, 10'000'000, 100'000'000, second_ns};
// Years that lie wholly within int64 nanoseconds, so that an offset or a window cannot overflow.
constexpr int first_year = 1678;
constexpr int last_year = 2261;

/// Two digits at p, or -1.
int two_digits(const char* p) { return is_digit(p[0]) && is_digit(p[1]) ? (p[0] - '0') * 10 + (p[1] - '0') : -1; }

std::optional<year_month_day> date_of(const char* p) {
  const int high = two_digits(p);
  const int low = two_digits(p + 2);
  const int month = two_digits(p + 5);
  const int day = two_digits(p + 8);
  if (high < 0 || low < 0 || month < 0 || day < 0 || p[4] != '-' || p[7] != '-') return std::nullopt;
  const year_month_day date(std::chrono::year(high * 100 + low), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return date;
}

/// Writes a digit pair, and returns the place after it.
char* put_two(char* p, int value) {
  p[0] = static_cast<char>('0' + value / 10);
  p[1] = static_cast<char>('0' + value % 10);
  return p + 2;
}

/// Writes a date of ten bytes, and returns the place after it.
char* put_date(char* p, year_month_day date) {
  const int year = static_cast<int>(date.year());
  p = put_two(put_two(p, year / 100), year % 100);
  *p++ = '-';
  p = put_two(p, static_cast<int>(static_cast<unsigned>(date.month())));
  *p++ = '-';
  return put_two(p, static_cast<int>(static_cast<unsigned>(date.day())));
}

/// Whether a minute `YYYY-MM-DDTHH:MM` is 24:00, which is the next day's 00:00 and has no seconds of its own.
bool is_end_of_day(const std::array<char, 16>& minute) { return minute[11] == '2' && minute[12] == '4'; }

bool in_range(Time time) {
  static constexpr Time low{std::chrono::sys_days(std::chrono::year(first_year) / 1 / 1)};
  static constexpr Time after{std::chrono::sys_days(std::chrono::year(last_year + 1) / 1 / 1)};
  return time >= low && time < after;
}

std::optional<Time> checked(Time time) { return in_range(time) ? std::optional(time) : std::nullopt; }

}  // namespace

std::optional<Time> TimeParser::parse_epoch(std::string_view digits) const {
  const std::int64_t unit = nanoseconds(unit_);
  std::int64_t whole = 0;
  const char* const end = digits.data() + digits.size();
  const auto as_int = std::from_chars(digits.data(), end, whole);
  if (as_int.ec == std::errc{} && as_int.ptr == end) {
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(whole, unit, &ns)) return std::nullopt;
    const Time time{Duration(ns)};
    return checked(time);
  }
  // A decimal fraction: the whole part is exact, the fraction is cut to nanoseconds.
  if (as_int.ec == std::errc{} && *as_int.ptr == '.') {
    std::int64_t fraction = 0;
    std::int64_t scale = unit;
    const char* p = as_int.ptr + 1;
    if (p == end) return std::nullopt;
    for (; p != end && is_digit(*p); ++p) {
      scale /= 10;
      fraction += (*p - '0') * scale;
    }
    if (p == end) {
      std::int64_t ns = 0;
      if (__builtin_mul_overflow(whole, unit, &ns)) return std::nullopt;
      if (!in_range(Time(Duration(ns)))) return std::nullopt;  // before the fraction could overflow it
      const Time time{Duration(digits.front() == '-' ? ns - fraction : ns + fraction)};
      return checked(time);
    }
  }
  double number = 0;
  const auto as_double = std::from_chars(digits.data(), end, number);
  if (as_double.ec != std::errc{} || as_double.ptr != end) return std::nullopt;
  const double ns = std::round(number * static_cast<double>(unit));
  if (!(std::abs(ns) < 9.2e18)) return std::nullopt;
  const Time time{Duration(static_cast<std::int64_t>(ns))};
  return checked(time);
}

/// The wall-clock time of `YYYY-MM-DDTHH:MM`, into last_minute_; false when it is not one.
bool TimeParser::read_minute(const char* p) {
  if (std::memcmp(p, last_text_.data(), 10) != 0) {
    const auto date = date_of(p);
    if (!date) return false;
    const int year = static_cast<int>(date->year());
    if (year < first_year || year > last_year) return false;
    last_text_ = {};
    is_plain_minute_ = false;
    last_day_ = std::chrono::sys_days(*date).time_since_epoch();
  }
  if (p[10] != 'T' && p[10] != 't' && p[10] != ' ') return false;
  const int hour = two_digits(p + 11);
  const int minute = two_digits(p + 14);
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || p[13] != ':') return false;
  if (hour == 24 && minute != 0) return false;
  last_minute_ = last_day_ + Duration((hour * 3600LL + minute * 60LL) * second_ns);
  std::memcpy(last_text_.data(), p, last_text_.size());
  is_plain_minute_ = hour < 24 && in_range(Time(last_minute_ + std::chrono::minutes(1)));
  return true;
}

bool TimeParser::parse(std::string_view text, Time& time) {
  const char* p = text.data();
  const char* const end = p + text.size();
  if (text.size() < 16 || p[4] != '-') {
    if (text.empty() || !(is_digit(p[0]) || p[0] == '-')) return false;
    const std::optional<Time> epoch = parse_epoch(text);
    time = epoch.value_or(Time{});
    return epoch.has_value();
  }
  if (std::memcmp(p, last_text_.data(), last_text_.size()) != 0 && !read_minute(p)) return false;
  std::int64_t ns = 0;
  p += 16;
  if (text.size() == 24 && read_milliseconds(p, ns)) {
    if (ns != 0 && is_end_of_day(last_text_)) return false;
    time = Time(last_minute_ + Duration(ns));
    return in_range(time);
  }
  if (p != end && *p == ':') {
    if (end - p < 3) return false;
    const int second = two_digits(p + 1);
    if (second < 0 || second > 60) return false;
    ns = second * second_ns;
    p += 3;
    if (p != end && (*p == '.' || *p == ',')) {
      const char* const point = p++;
      std::int64_t fraction = 0;
      const char* const cut = end - p > 9 ? p + 9 : end;
      for (; p != cut && is_digit(*p); ++p) fraction = fraction * 10 + (*p - '0');
      if (p == point + 1) return false;
      ns += fraction * powers_of_ten[static_cast<std::size_t>(point + 10 - p)];
      while (p != end && is_digit(*p)) ++p;
    }
  }
  if (ns != 0 && is_end_of_day(last_text_)) return false;
  const Duration wall = last_minute_ + Duration(ns);
  if (end - p == 1 && (*p == 'Z' || *p == 'z')) {
    time = Time(wall);
  } else if (p == end) {
    if (zone().is_utc()) {
      time = Time(wall);
    } else if (!read_local(LocalTime(wall), time)) {
      return false;
    }
  } else {
    std::string_view rest(p, static_cast<std::size_t>(end - p));
    Duration offset{};
    if (!take_offset(rest, offset) || !rest.empty()) return false;
    time = Time(wall - offset);
  }
  return in_range(time);  // an offset, a zone or a leap second may leave the range
}

bool TimeParser::read_local(LocalTime local, Time& time) {
  last_local_ = local_.to_utc(local, order_ != nullptr ? *order_ : RowOrder{}, time);
  return LocalTimes::is_time(last_local_);
}

std::string TimeParser::clock_change_problem(std::string_view text) {
  last_local_ = {};
  if (Time time; parse(text, time)) return {};
  if (last_local_ == LocalTimes::Result::never)
    return "does not exist in " + zone().name() + ", where clocks are set forward over it";
  if (last_local_ == LocalTimes::Result::twice)
    return "comes twice in " + zone().name() + "; --fold first or last decides";
  return {};
}

void append_time(std::string& out, Time time) {
  const auto day = floor<days>(time);
  const std::int64_t in_day = time_of_day(time).count();
  const auto seconds = static_cast<int>(in_day / second_ns);
  const std::int64_t fraction = in_day % second_ns;
  std::array<char, std::string_view("2026-01-01T00:00:00.123456789Z").size()> text;
  char* p = put_date(text.data(), year_month_day(day));
  *p++ = 'T';
  p = put_two(p, seconds / 3600);
  *p++ = ':';
  p = put_two(p, seconds / 60 % 60);
  *p++ = ':';
  p = put_two(p, seconds % 60);
  if (fraction != 0) {
    const int digits = fraction % 1'000'000 == 0 ? 3 : fraction % 1'000 == 0 ? 6 : 9;
    *p++ = '.';
    std::int64_t scale = second_ns;
    for (int i = 0; i < digits; ++i) {
      scale /= 10;
      *p++ = static_cast<char>('0' + fraction / scale % 10);
    }
  }
  *p++ = 'Z';
  out.append(text.data(), static_cast<std::size_t>(p - text.data()));
}

std::string format_time(Time time) {
  std::string text;
  append_time(text, time);
  return text;
}

std::string format_date(Time time, const Zone& zone) {
  std::array<char, std::string_view("2026-01-01").size()> text;
  return std::string(text.data(), put_date(text.data(), year_month_day(floor<days>(zone.to_local(time)))));
}

std::optional<std::chrono::year_month_day> parse_date(std::string_view text) {
  return text.size() == 10 ? date_of(text.data()) : std::nullopt;
}

}  // namespace weir
