#include "time/time_format.hpp"

#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "time/timestamp.hpp"

using namespace weir;

namespace {

/// The time as RFC 3339, `local` after a wall-clock time and its abbreviation; `-` for none.
std::string read(std::string_view format, std::string_view text) {
  const auto written = TimeFormat(format).parse(text);
  if (!written) return "-";
  std::string time = format_time(Time(written->since_1970));
  if (written->kind == WrittenTime::Kind::instant) return time;
  time.back() = ' ';
  return time + "local" + std::string(written->abbreviation);
}

}  // namespace

TEST_CASE("dates and times of day in the letters of strptime") {
  CHECK(read("%d.%m.%Y %H:%M", "01.03.2024 00:15") == "2024-03-01T00:15:00 local");
  CHECK(read("%d.%m.%Y %H:%M", "1.3.2024   0:15") == "2024-03-01T00:15:00 local");
  CHECK(read("%Y%m%d%H", "2024030109") == "2024-03-01T09:00:00 local");
  CHECK(read("%Y%m%d%H%M%S%f", "20240301091530250") == "2024-03-01T09:15:30.250 local");
  CHECK(read("%m/%d/%y %I:%M:%S %p", "03/01/24 12:05:06 AM") == "2024-03-01T00:05:06 local");
  CHECK(read("%D %r", "03/01/24 12:05:06 pm") == "2024-03-01T12:05:06 local");
  CHECK(read("%d/%m/%y", "1/3/69") == "1969-03-01T00:00:00 local");
  CHECK(read("%d %b %Y", "01 mar 2024") == "2024-03-01T00:00:00 local");
  CHECK(read("%A, %e. %B %Y", "Friday,  1. March 2024") == "2024-03-01T00:00:00 local");
  CHECK(read("%Y-%j", "2024-366") == "2024-12-31T00:00:00 local");
  CHECK(read("%F_%T.%f", "2024-03-01_10:00:00.1234567891") == "2024-03-01T10:00:00.123456789 local");
  CHECK(read("%F %R", "2024-03-01 24:00") == "2024-03-02T00:00:00 local");
  CHECK(read("%F %T", "2016-12-31 23:59:60") == "2017-01-01T00:00:00 local");
  CHECK(read("100%% %F", "100% 2024-03-01") == "2024-03-01T00:00:00 local");
}

TEST_CASE("an offset makes it a point of time, an abbreviation is kept") {
  CHECK(read("%F %T%z", "2024-03-01 10:00:00+0100") == "2024-03-01T09:00:00Z");
  CHECK(read("%F %T %z", "2024-03-01 10:00:00 -05:30") == "2024-03-01T15:30:00Z");
  CHECK(read("%FT%T%z", "2024-03-01T10:00:00+01") == "2024-03-01T09:00:00Z");
  CHECK(read("%Y%m%dT%H%M%S%z", "20240301T100000Z") == "2024-03-01T10:00:00Z");
  CHECK(read("%a, %d %b %Y %T %Z", "Fri, 01 Mar 2024 10:00:00 GMT") == "2024-03-01T10:00:00Z");
  CHECK(read("%F %R %Z", "2024-03-01 10:00 CET") == "2024-03-01T10:00:00 localCET");
  CHECK(read("%s", "1709287200") == "2024-03-01T10:00:00Z");
  CHECK(read("%s.%f", "1709287200.5") == "2024-03-01T10:00:00.500Z");
}

TEST_CASE("serial days of spreadsheets, to the millisecond") {
  CHECK(read("excel", "45352") == "2024-03-01T00:00:00 local");
  CHECK(read("excel", "45352.416666666664") == "2024-03-01T10:00:00 local");
  CHECK(read("excel", "45352.9999999") == "2024-03-01T23:59:59.991 local");
  CHECK(read("excel", "45352,5") == "-");
  CHECK(read("excel", "0.5") == "-");
  CHECK(read("excel", "1e5") == "-");
}

TEST_CASE("what has another form is no time") {
  for (const char* text :
       {"", "01.03.2024", "01.03.2024 00:15:00", "32.03.2024 00:15", "30.02.2024 00:15", "01.13.2024 00:15",
        "01.03.2024 25:00", "01.03.2024 24:01", "01.03.2024 00:60", "x", "01.03.1600 00:15", "01-03-2024 00:15"})
    CHECK(read("%d.%m.%Y %H:%M", text) == "-");
  CHECK(read("%Y-%j", "2023-366") == "-");
  CHECK(read("%F %T%z", "2024-03-01 10:00:00") == "-");
  CHECK(read("%s", "99999999999") == "-");
}

TEST_CASE("formats that cannot be") {
  for (const char* format : {"", "%H:%M", "%Y-%m", "%Y-%m-%d %Q", "%F %", "%F %I:%M", "%F %H:%M %p", "Excel"})
    CHECK_THROWS_AS(TimeFormat(format), std::invalid_argument);
}

TEST_CASE("the format that a text may have") {
  CHECK(likely_format("20240301") == "%Y%m%d");
  CHECK(likely_format("2024030109") == "%Y%m%d%H");
  CHECK(likely_format("01.03.2024 10:00") == "%d.%m.%Y %H:%M");
  CHECK(likely_format("2024/03/01 10:00:00") == "%Y/%m/%d %T");
  CHECK(likely_format("45352.41667") == "excel");
  CHECK(likely_format("1709287200").empty());
  CHECK(likely_format("2024").empty());
  CHECK(likely_format("hello").empty());
}
