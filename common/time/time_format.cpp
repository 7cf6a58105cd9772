#include "time/time_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include "time/digits.hpp"
#include "time/offset.hpp"
#include "time/plausible.hpp"

namespace weir {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 12> months{"january",   "february", "march",    "april",
                                                  "may",       "june",     "july",     "august",
                                                  "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> weekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

/// The parts of a time that a text has given.
struct Parts {
  int year = 1970;
  int month = 1;
  int day = 1;
  std::optional<int> day_of_year;
  int hour = 0;
  std::optional<bool> afternoon;
  int minute = 0;
  int second = 0;
  Duration fraction{};
  std::optional<Duration> offset;
  std::optional<seconds> epoch;
  std::string_view abbreviation;
};

/// Reads a text from its front.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// A number of at most `digits` digits within limits.
  bool number(std::size_t digits, int low, int high, int& value) {
    const char* const begin = rest_.data();
    std::size_t count = 0;
    value = 0;
    while (count < digits && count < rest_.size() && is_digit(begin[count]))
      value = value * 10 + (begin[count++] - '0');
    rest_.remove_prefix(count);
    return count > 0 && value >= low && value <= high;
  }
  /// One of the names, or its first three letters; `index` is its place.
  template <std::size_t size>
  bool name(const std::array<std::string_view, size>& names, int& index) {
    const std::string_view word = letters();
    for (std::size_t i = 0; i < size; ++i) {
      if (!same(word, names[i]) && !same(word, names[i].substr(0, 3))) continue;
      index = static_cast<int>(i);
      return true;
    }
    return false;
  }
  std::string_view letters() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_letter);
    const std::string_view word = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(word.size());
    return word;
  }
  bool afternoon(std::optional<bool>& value) {
    const char first = rest_.empty() ? '\0' : static_cast<char>(rest_.front() | 32);
    if (first != 'a' && first != 'p') return false;
    rest_.remove_prefix(1);
    value = first == 'p';
    literal('.');
    if (!literal('m') && !literal('M')) return false;
    literal('.');
    return true;
  }
  /// Up to nine digits of a fraction; more are cut.
  bool fraction(Duration& value) {
    std::int64_t scale = 1'000'000'000;
    std::size_t count = 0;
    value = {};
    for (; count < rest_.size() && is_digit(rest_[count]); ++count)
      value += Duration((rest_[count] - '0') * (scale /= 10));
    rest_.remove_prefix(count);
    return count > 0;
  }
  /// `Z`, `+01`, `+0100` or `+01:00`.
  bool offset(std::optional<Duration>& value) {
    if (literal('Z') || literal('z')) {
      value = Duration::zero();
      return true;
    }
    return take_offset(rest_, value.emplace());
  }
  bool epoch(std::optional<seconds>& value) {
    std::int64_t count = 0;
    const auto result = std::from_chars(rest_.data(), rest_.data() + rest_.size(), count);
    if (result.ec != std::errc{} || std::abs(count) > 9'000'000'000) return false;
    rest_.remove_prefix(static_cast<std::size_t>(result.ptr - rest_.data()));
    value = seconds(count);
    return true;
  }

 private:
  static bool same(std::string_view word, std::string_view lower) {
    return std::equal(word.begin(), word.end(), lower.begin(), lower.end(),
                      [](char a, char b) { return (a | 32) == b; });
  }
  std::string_view rest_;
};

bool read(char letter, Scanner& text, Parts& parts) {
  int number = 0;
  switch (letter) {
    case 'Y':
      return text.number(4, 0, 9999, parts.year);
    case 'y':
      if (!text.number(2, 0, 99, number)) return false;
      parts.year = number + (number < 69 ? 2000 : 1900);
      return true;
    case 'm':
      return text.number(2, 1, 12, parts.month);
    case 'b':
      if (!text.name(months, number)) return false;
      text.literal('.');
      parts.month = number + 1;
      return true;
    case 'e':
      text.skip_blanks();
      [[fallthrough]];
    case 'd':
      return text.number(2, 1, 31, parts.day);
    case 'j':
      if (!text.number(3, 1, 366, number)) return false;
      parts.day_of_year = number;
      return true;
    case 'k':
      text.skip_blanks();
      [[fallthrough]];
    case 'H':
      return text.number(2, 0, 24, parts.hour);
    case 'l':
      text.skip_blanks();
      [[fallthrough]];
    case 'I':
      return text.number(2, 1, 12, parts.hour);
    case 'p':
      return text.afternoon(parts.afternoon);
    case 'M':
      return text.number(2, 0, 59, parts.minute);
    case 'S':
      return text.number(2, 0, 60, parts.second);
    case 'f':
      return text.fraction(parts.fraction);
    case 'z':
      return text.offset(parts.offset);
    case 'Z':
      parts.abbreviation = text.letters();
      return !parts.abbreviation.empty();
    case 's':
      return text.epoch(parts.epoch);
    case 'a':
      return text.name(weekdays, number);
    default:
      return false;
  }
}

bool in_range(int year) { return year >= 1678 && year <= 2261; }

std::optional<WrittenTime> combined(Parts parts) {
  using Kind = WrittenTime::Kind;
  if (parts.epoch) return WrittenTime{Kind::instant, *parts.epoch + parts.fraction};
  if (!in_range(parts.year)) return std::nullopt;
  const std::chrono::year year(parts.year);
  std::chrono::sys_days day;
  if (parts.day_of_year) {
    day = std::chrono::sys_days(year / 1 / 1) + days(*parts.day_of_year - 1);
    if (*parts.day_of_year == 366 && !year.is_leap()) return std::nullopt;
  } else {
    const auto date = year / parts.month / parts.day;
    if (!date.ok()) return std::nullopt;
    day = date;
  }
  if (parts.afternoon) parts.hour = parts.hour % 12 + (*parts.afternoon ? 12 : 0);
  if (parts.hour == 24 && (parts.minute != 0 || parts.second != 0 || parts.fraction != Duration::zero()))
    return std::nullopt;
  const Duration wall =
      day.time_since_epoch() + hours(parts.hour) + minutes(parts.minute) + seconds(parts.second) + parts.fraction;
  if (parts.offset) return WrittenTime{Kind::instant, wall - *parts.offset};
  const std::string_view zone = parts.abbreviation;
  if (zone == "UTC" || zone == "GMT" || zone == "Z") return WrittenTime{Kind::instant, wall};
  return WrittenTime{Kind::local, wall, zone};
}

/// The days of spreadsheets, to the millisecond: their fractions are not exact.
std::optional<WrittenTime> from_excel(std::string_view text) {
  double count = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), count, std::chars_format::fixed);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  if (!(count >= 1 && count < 132'000)) return std::nullopt;
  constexpr std::chrono::sys_days first{std::chrono::year(1899) / 12 / 30};
  const std::chrono::milliseconds passed(std::llround(count * 86'400'000));
  return WrittenTime{WrittenTime::Kind::local, first.time_since_epoch() + passed};
}

}  // namespace

TimeFormat::TimeFormat(std::string_view format) {
  if (format == "excel") {
    excel_ = true;
    return;
  }
  add(format);
  const auto has = [&](char letter) {
    return std::any_of(steps_.begin(), steps_.end(), [&](Step step) { return step.letter == letter; });
  };
  const bool date = (has('Y') || has('y')) && (has('j') || (has('m') && has('d')) || (has('b') && has('d')) ||
                                               (has('m') && has('e')) || (has('b') && has('e')));
  if (!date && !has('s'))
    throw std::invalid_argument("the time format '" + std::string(format) + "' has no year, month and day");
  if ((has('I') || has('l')) != has('p'))
    throw std::invalid_argument("the time format '" + std::string(format) + "' needs %I and %p together");
}

void TimeFormat::add(std::string_view format) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      steps_.push_back({0, is_blank(format[i]) ? ' ' : format[i]});
      continue;
    }
    const char letter = ++i < format.size() ? format[i] : '\0';
    static constexpr std::string_view known = "YymbdejHkIlpMSfzZsa";
    if (letter != '\0' && known.find(letter) != std::string_view::npos) {
      steps_.push_back({letter, 0});
      continue;
    }
    switch (letter) {
      case 'B':
      case 'h':
        steps_.push_back({'b', 0});
        break;
      case 'A':
        steps_.push_back({'a', 0});
        break;
      case 'F':
        add("%Y-%m-%d");
        break;
      case 'D':
        add("%m/%d/%y");
        break;
      case 'T':
        add("%H:%M:%S");
        break;
      case 'R':
        add("%H:%M");
        break;
      case 'r':
        add("%I:%M:%S %p");
        break;
      case 'n':
      case 't':
        steps_.push_back({0, ' '});
        break;
      case '%':
        steps_.push_back({0, '%'});
        break;
      default:
        throw std::invalid_argument("the time format has %" +
                                    (letter == '\0' ? std::string() : std::string(1, letter)) +
                                    ", which is not one of its letters: " + std::string(known) + "BAFDTRr");
    }
  }
}

std::optional<WrittenTime> TimeFormat::parse(std::string_view text) const {
  if (excel_) return from_excel(text);
  Scanner scanner(text);
  Parts parts;
  for (const Step step : steps_) {
    if (step.letter != 0) {
      if (!read(step.letter, scanner, parts)) return std::nullopt;
    } else if (step.literal == ' ') {
      scanner.skip_blanks();
    } else if (!scanner.literal(step.literal)) {
      return std::nullopt;
    }
  }
  return scanner.at_end() ? combined(parts) : std::nullopt;
}

std::string likely_format(std::string_view text) {
  static const std::array<std::string_view, 20> formats{
      "%Y%m%d",         "%Y%m%d%H",    "%Y%m%d%H%M",     "%Y%m%d%H%M%S",    "%d.%m.%Y",
      "%d.%m.%Y %H:%M", "%d.%m.%Y %T", "%Y/%m/%d",       "%Y/%m/%d %H:%M",  "%Y/%m/%d %T",
      "%Y-%m-%d",       "%m/%d/%Y %r", "%d.%m.%y %H:%M", "%Y-%m-%d_%T",     "%Y-%m-%d-%T",
      "%d-%m-%Y %H:%M", "%d-%m-%Y %T", "%Y%m%dT%H%M%S",  "%Y%m%dT%H%M%S%z", "%a, %d %b %Y %T %Z"};
  for (const std::string_view format : formats) {
    const auto written = TimeFormat(format).parse(text);
    if (written && is_plausible(Time(written->since_1970))) return std::string(format);
  }
  const bool fraction = text.find('.') != std::string_view::npos;
  if (fraction && text.size() >= 7 && text[5] == '.' && from_excel(text)) return "excel";
  return {};
}

}  // namespace weir
