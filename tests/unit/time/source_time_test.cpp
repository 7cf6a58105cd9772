#include "time/source_time.hpp"

#include <stdexcept>
#include <string>

#include "catch.hpp"

using namespace weir;

namespace {

/// The time in UTC, with `?` after a guess, or why there is none.
std::string read(SourceTime& times, std::string_view text) {
  const auto time = times.read(text);
  return time ? format_time(*time) + (times.result() == LocalTimes::Result::guessed ? "?" : "") : times.problem(text);
}

}  // namespace

TEST_CASE("times by a format, in a zone, in the order of rows") {
  RowOrder order;
  SourceTime times({.format = "%d.%m.%Y %H:%M", .zone = "Europe/Berlin"}, order);
  CHECK(read(times, "25.10.2026 02:30") == "2026-10-25T00:30:00Z?");
  CHECK(read(times, "25.10.2026 02:15") == "2026-10-25T01:15:00Z");
  CHECK(read(times, "25.10.2026 03:15") == "2026-10-25T02:15:00Z");
  CHECK(read(times, "29.03.2026 02:15") == "'29.03.2026 02:15' does not exist in Europe/Berlin (--tz)");
  CHECK(read(times, "2026-03-29 02:15") == "'2026-03-29 02:15' is not a time of --time-format '%d.%m.%Y %H:%M'");
  CHECK(read(times, "29.03.2026") ==
        "'29.03.2026' is not a time of --time-format '%d.%m.%Y %H:%M'; '%d.%m.%Y' would read it");
}

TEST_CASE("an abbreviation decides which of two it is") {
  RowOrder order;
  SourceTime times({.format = "%F %R %Z", .zone = "Europe/Berlin", .fold = Fold::reject}, order);
  CHECK(read(times, "2026-10-25 02:30 CEST") == "2026-10-25T00:30:00Z");
  CHECK(read(times, "2026-10-25 02:30 CET") == "2026-10-25T01:30:00Z");
  CHECK(read(times, "2026-10-25 02:30 UTC") == "2026-10-25T02:30:00Z");
}

TEST_CASE("without a format: what every tool reads, and epochs of 1990 to 2100") {
  RowOrder order;
  SourceTime times({.zone = "Europe/Berlin"}, order);
  CHECK(read(times, "2026-07-01 12:00") == "2026-07-01T10:00:00Z");
  CHECK(read(times, "2026-07-01T12:00:00+01:00") == "2026-07-01T11:00:00Z");
  CHECK(read(times, "2026-10-25 02:30") == "2026-10-25T00:30:00Z");
  CHECK(read(times, "2026-10-25 02:00") == "2026-10-25T01:00:00Z");
  CHECK(read(times, "1709287200.25") == "2024-03-01T10:00:00.250Z");
  CHECK(read(times, "20240301") == "'20240301' is not a time as it is; --time-format '%Y%m%d' would read it");
  CHECK(read(times, "2024030109") == "'2024030109' is not a time as it is; --time-format '%Y%m%d%H' would read it");
  CHECK(read(times, "45352.41667") == "'45352.41667' is not a time as it is; --time-format 'excel' would read it");
  CHECK(read(times, "1709287200000") ==
        "'1709287200000' is not a time: in s since 1970 it is outside of 1990 to 2100; --time-unit ms would read it");
  CHECK(read(times, "2024") == "'2024' is not a time: in s since 1970 it is outside of 1990 to 2100");
  CHECK(read(times, "soon") == "'soon' is not a time; --time-format tells how it is written");
  SourceTime in_ms({.unit = EpochUnit::ms}, order);
  CHECK(read(in_ms, "1709287200000") == "2024-03-01T10:00:00Z");
  CHECK(read(in_ms, "1709287200") ==
        "'1709287200' is not a time: in ms since 1970 it is outside of 1990 to 2100; --time-unit s would read it");
}

TEST_CASE("settings that cannot be name the option") {
  RowOrder order;
  CHECK_THROWS_WITH(SourceTime({.format = "%H"}, order), contains_text("--time-format"));
  CHECK_THROWS_WITH(SourceTime({.zone = "MEZ"}, order), contains_text("--tz"));
}
