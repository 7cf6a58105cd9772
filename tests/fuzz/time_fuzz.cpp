// links: weir_time weir_record
// Times and durations: what is read and written again is the same, and what is read is what an independent reckoning
// says.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz_expect.hpp"
#include "record/number.hpp"
#include "time/duration.hpp"
#include "time/timestamp.hpp"

namespace {

using namespace weir;

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, counted year by year and month by month.
std::int64_t days_of(int year, int month, int day) {
  const auto leap = [](int y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); };
  std::int64_t days = 0;
  for (int y = 1970; y < year; ++y) days += leap(y) ? 366 : 365;
  for (int y = year; y < 1970; ++y) days -= leap(y) ? 366 : 365;
  static constexpr int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int m = 1; m < month; ++m) days += lengths[m - 1] + (m == 2 && leap(year) ? 1 : 0);
  return days + day - 1;
}

int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value * 10 + (text[at + i] - '0');
  return value;
}

/// The formatter's own shape, read back by hand.
void check_written(const std::string& text, Time time) {
  static constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd";
  expect(text.size() >= 20 && text.back() == 'Z');
  for (std::size_t i = 0; i < shape.size(); ++i)
    expect(shape[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == shape[i]);
  std::int64_t fraction = 0;
  const std::string_view rest = std::string_view(text).substr(19, text.size() - 20);
  expect(rest.empty() || (rest.front() == '.' && (rest.size() == 4 || rest.size() == 7 || rest.size() == 10)));
  for (std::size_t i = 1; i < 10; ++i) fraction = fraction * 10 + (i < rest.size() ? rest[i] - '0' : 0);
  const std::int64_t seconds = days_of(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)) * 86'400 +
                               digits(text, 11, 2) * 3600 + digits(text, 14, 2) * 60 + digits(text, 17, 2);
  // A product may not fit where the sum does: before 1970 the second is counted from below.
  __extension__ using Wide = __int128;
  const Wide ns = static_cast<Wide>(seconds) * 1'000'000'000 + fraction;
  expect(ns == time.time_since_epoch().count());
}

void check_time(TimeParser& used, const Zone& zone, EpochUnit unit, std::string_view text) {
  const std::optional<Time> time = used.parse(text);
  expect(time == TimeParser(zone, unit).parse(text));  // what came before does not matter
  if (is_json_number(text) && text.size() < 16) expect(time == used.parse_epoch(text));
  if (!time) return;
  const std::string written = format_time(*time);
  check_written(written, *time);
  expect(TimeParser().parse(written) == time);
  expect(used.parse(written) == time);
  expect(format_date(*time, Zone()) == written.substr(0, 10));
  expect(parse_date(written.substr(0, 10)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const Zone athens = Zone::find("Europe/Athens").value_or(Zone());
  static constexpr EpochUnit units[] = {EpochUnit::s, EpochUnit::ms, EpochUnit::us, EpochUnit::ns};
  const Zone zone = (data[0] & 4U) != 0 ? athens : Zone();
  const EpochUnit unit = units[data[0] & 3U];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  TimeParser parser(zone, unit);
  // Several times after one another, as in a stream: one a line.
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    check_time(parser, zone, unit, line);
    if (const auto length = parse_duration(line)) {
      expect(length->count() >= 0);
      expect(parse_duration(format_duration(*length)) == length);
    }
    static_cast<void>(parse_date(line));
    begin = end + 1;
  }
  return 0;
}
