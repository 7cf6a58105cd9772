#include "window/calendar.hpp"

#include "catch.hpp"
#include "time/timestamp.hpp"

using weir::CalendarUnit;
using weir::CalendarWindows;
using weir::Time;
using weir::Window;

namespace {

Time at(std::string_view text) { return weir::TimeParser().parse(text).value(); }
CalendarWindows windows(CalendarUnit unit, const char* zone) {
  return CalendarWindows(unit, weir::Zone::find(zone).value());
}

}  // namespace

TEST_CASE("days of 23 and of 25 hours") {
  const CalendarWindows athens = windows(CalendarUnit::day, "Europe/Athens");
  CHECK(athens.window_of(at("2026-03-29T12:00:00Z")) == Window{at("2026-03-28T22:00:00Z"), at("2026-03-29T21:00:00Z")});
  CHECK(athens.window_of(at("2026-10-25T21:59:59.999999999Z")) ==
        Window{at("2026-10-24T21:00:00Z"), at("2026-10-25T22:00:00Z")});
  CHECK(athens.window_of(at("2026-10-25T22:00:00Z")).start == at("2026-10-25T22:00:00Z"));
}

TEST_CASE("weeks begin on Monday, months and years on their first") {
  const auto utc = [](CalendarUnit unit) { return CalendarWindows(unit, weir::Zone()); };
  CHECK(utc(CalendarUnit::week).window_of(at("2026-01-04T23:59:59Z")) ==
        Window{at("2025-12-29T00:00:00Z"), at("2026-01-05T00:00:00Z")});
  CHECK(utc(CalendarUnit::week).window_of(at("1969-12-31T00:00:00Z")).start == at("1969-12-29T00:00:00Z"));
  CHECK(utc(CalendarUnit::month).window_of(at("2028-02-29T00:00:00Z")) ==
        Window{at("2028-02-01T00:00:00Z"), at("2028-03-01T00:00:00Z")});
  CHECK(windows(CalendarUnit::year, "America/New_York").window_of(at("2026-01-01T04:59:59Z")) ==
        Window{at("2025-01-01T05:00:00Z"), at("2026-01-01T05:00:00Z")});
}

TEST_CASE("a midnight that is skipped, and an evening that comes twice") {
  // Sao Paulo, 2018-11-04: from 00:00 to 01:00.
  CHECK(windows(CalendarUnit::day, "America/Sao_Paulo").window_of(at("2018-11-04T12:00:00Z")) ==
        Window{at("2018-11-04T03:00:00Z"), at("2018-11-05T02:00:00Z")});
  // St. John's, 2010-11-07: from 00:01 back to 23:01 of the day before, which has ended by then.
  const CalendarWindows johns = windows(CalendarUnit::day, "America/St_Johns");
  const Window seventh{at("2010-11-07T02:30:00Z"), at("2010-11-08T03:30:00Z")};
  CHECK(johns.window_of(at("2010-11-07T02:30:30Z")) == seventh);
  CHECK(johns.window_of(at("2010-11-07T03:00:00Z")) == seventh);  // 23:30 of the sixth, for the second time
}

TEST_CASE("windows of a zone lie side by side") {
  for (const char* zone : {"Europe/Athens", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "UTC"}) {
    for (const CalendarUnit unit : {CalendarUnit::day, CalendarUnit::week, CalendarUnit::month, CalendarUnit::year}) {
      const CalendarWindows all = windows(unit, zone);
      Window window = all.window_of(at("2009-12-30T12:00:00Z"));
      while (window.start < at("2012-01-02T00:00:00Z")) {
        REQUIRE(window.start < window.end);
        REQUIRE(all.window_of(window.end - weir::Duration(1)) == window);
        const Window next = all.window_of(window.end);
        REQUIRE(next.start == window.end);
        window = next;
      }
    }
  }
}

TEST_CASE("calendar windows at the edges of time") {
  for (const CalendarUnit unit : {CalendarUnit::day, CalendarUnit::week, CalendarUnit::month, CalendarUnit::year}) {
    const CalendarWindows all = windows(unit, "Pacific/Auckland");
    for (const Time time :
         {Time::min(), Time::max() - weir::Duration(1), at("1678-01-01T00:00:00Z"), at("2261-12-31T23:59:59Z")})
      CHECK(all.window_of(time).contains(time));
  }
}
