#include "avro/logical.hpp"

#include <chrono>

namespace weir::avro {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t seconds_a_day = 86'400;

/// How many of the type's units a second has; 0 for a date.
constexpr std::int64_t units_a_second(Logical logical) {
  switch (logical) {
    case Logical::time_millis:
    case Logical::timestamp_millis:
    case Logical::local_timestamp_millis:
      return 1'000;
    case Logical::time_micros:
    case Logical::timestamp_micros:
    case Logical::local_timestamp_micros:
      return 1'000'000;
    case Logical::timestamp_nanos:
    case Logical::local_timestamp_nanos:
      return second_ns;
    default:
      return 0;
  }
}

bool is_local(Logical logical) {
  return logical == Logical::local_timestamp_millis || logical == Logical::local_timestamp_micros ||
         logical == Logical::local_timestamp_nanos;
}

bool is_time_of_day(Logical logical) { return logical == Logical::time_millis || logical == Logical::time_micros; }

/// Division that rounds down, as floor() does.
constexpr std::int64_t quotient(std::int64_t value, std::int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

void append_digits(std::string& out, std::int64_t value, int digits) {
  std::int64_t scale = 1;
  for (int i = 1; i < digits; ++i) scale *= 10;
  for (; scale > 0; scale /= 10) out += static_cast<char>('0' + value / scale % 10);
}

bool append_day(std::string& out, std::int64_t day) {
  static constexpr std::int64_t first = sys_days(std::chrono::year(0) / 1 / 1).time_since_epoch().count();
  static constexpr std::int64_t last = sys_days(std::chrono::year(9999) / 12 / 31).time_since_epoch().count();
  if (day < first || day > last) return false;
  const year_month_day date{sys_days(days(static_cast<int>(day)))};
  append_digits(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  return true;
}

/// `HH:MM:SS`, and 3, 6 or 9 digits of fraction where there is one.
void append_clock(std::string& out, std::int64_t seconds, std::int64_t ns) {
  append_digits(out, seconds / 3600, 2);
  out += ':';
  append_digits(out, seconds / 60 % 60, 2);
  out += ':';
  append_digits(out, seconds % 60, 2);
  if (ns == 0) return;
  out += '.';
  if (ns % 1'000'000 == 0) return append_digits(out, ns / 1'000'000, 3);
  if (ns % 1'000 == 0) return append_digits(out, ns / 1'000, 6);
  append_digits(out, ns, 9);
}

bool has_offset(std::string_view text) {
  return text.size() > 10 && text.find_first_of("Zz+-", 10) != std::string_view::npos;
}

}  // namespace

bool is_time(Logical logical) { return logical == Logical::date || units_a_second(logical) != 0; }

bool TimeReader::read(Logical logical, std::string_view text, std::int64_t& number) {
  if (logical == Logical::date) {
    const auto date = parse_date(text);
    if (date) number = sys_days(*date).time_since_epoch().count();
    return date.has_value();
  }
  Time time{};
  const std::int64_t unit_ns = second_ns / units_a_second(logical);
  if (is_time_of_day(logical)) {
    // The time of the first day of 1970 is the time of day.
    constexpr std::string_view day = "1970-01-01T";
    char whole[64];
    if (text.size() < 5 || text.size() + day.size() > sizeof whole ||
        text.find_first_of("Zz+-") != std::string_view::npos)
      return false;
    day.copy(whole, day.size());
    text.copy(whole + day.size(), text.size());
    if (!parser_.parse({whole, day.size() + text.size()}, time)) return false;
    number = time.time_since_epoch().count() / unit_ns;
    return number < seconds_a_day * units_a_second(logical);
  }
  if (text.size() < 16 || text[4] != '-' || (is_local(logical) && has_offset(text))) return false;
  if (!parser_.parse(text, time)) return false;
  number = quotient(time.time_since_epoch().count(), unit_ns);
  return true;
}

bool append_time_text(std::string& out, Logical logical, std::int64_t number) {
  out += '"';
  if (logical == Logical::date) {
    if (!append_day(out, number)) return false;
    out += '"';
    return true;
  }
  const std::int64_t units = units_a_second(logical);
  const std::int64_t seconds = quotient(number, units);
  const std::int64_t rest = number % units;
  const std::int64_t ns = (rest < 0 ? rest + units : rest) * (second_ns / units);
  if (is_time_of_day(logical)) {
    if (seconds < 0 || seconds >= seconds_a_day) return false;
    append_clock(out, seconds, ns);
    out += '"';
    return true;
  }
  const std::int64_t day = quotient(seconds, seconds_a_day);
  if (!append_day(out, day)) return false;
  out += 'T';
  append_clock(out, seconds - day * seconds_a_day, ns);
  out += is_local(logical) ? "\"" : "Z\"";
  return true;
}

}  // namespace weir::avro
