#include "time/local_times.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "time/timestamp.hpp"

using namespace weir;

namespace {

using Result = LocalTimes::Result;

/// `2026-10-25 02:00` as a wall-clock time.
LocalTime wall(std::string_view text) {
  TimeParser parser;
  return LocalTime(parser.parse(text)->time_since_epoch());
}

/// The hours and minutes in UTC of local times on one day, in their order; `?` after a guess, `!` after the second of
/// two equal times, `-` for none.
std::string in_utc(const char* zone, Fold fold, const std::string& day, const std::vector<std::string>& times,
                   Series series = Series::unknown) {
  LocalTimes local(*Zone::find(zone), fold);
  RowOrder order{.series = series};
  std::string text;
  for (const std::string& each : times) {
    Time time;
    const Result result = local.to_utc(wall(day + ' ' + each), order, time);
    const bool known = LocalTimes::is_time(result);
    if (known) LocalTimes::saw(time, order);
    text += (text.empty() ? "" : " ") + (known ? format_time(time).substr(11, 5) : std::string("-"));
    if (result == Result::guessed) text += '?';
    if (result == Result::repeated) text += '!';
  }
  return text;
}

}  // namespace

TEST_CASE("the hour that comes twice is inferred from the order of rows") {
  const std::vector<std::string> night{"01:45", "02:00", "02:30", "02:45", "02:00", "02:30", "02:45", "03:00"};
  CHECK(in_utc("Europe/Berlin", Fold::infer, "2026-10-25", night) == "23:45 00:00 00:30 00:45 01:00 01:30 01:45 02:00");
  // Several rows at each time, as of several meters.
  CHECK(in_utc("Europe/Berlin", Fold::infer, "2026-10-25",
               {"02:00", "02:00", "02:30", "02:30", "02:00", "02:00", "02:30", "02:30"}) ==
        "00:00? 00:00? 00:30 00:30? 01:00 01:00 01:30 01:30");
  CHECK(in_utc("America/New_York", Fold::infer, "2026-11-01", {"00:30", "01:00", "01:30", "01:00", "01:30", "02:00"}) ==
        "04:30 05:00 05:30 06:00 06:30 07:00");
  // Lord Howe goes back by half an hour.
  CHECK(in_utc("Australia/Lord_Howe", Fold::infer, "2026-04-05", {"01:20", "01:40", "01:40", "02:00"}) ==
        "14:20 14:40 15:10! 15:30");
  CHECK(in_utc("Australia/Lord_Howe", Fold::infer, "2026-04-05", {"01:30", "01:40", "01:30", "01:40", "02:00"}) ==
        "14:30? 14:40 15:00 15:10 15:30");
}

TEST_CASE("rows as far apart as the change: an equal time is the second, where one series is likely or known") {
  const auto berlin = [](const std::vector<std::string>& times, Series series = Series::unknown) {
    return in_utc("Europe/Berlin", Fold::infer, "2026-10-25", times, series);
  };
  CHECK(berlin({"01:00", "02:00", "02:00", "03:00"}) == "23:00 00:00 01:00! 02:00");
  CHECK(berlin({"02:00", "02:00", "03:00"}) == "00:00? 00:00? 02:00");
  // Two series: their rows had equal times before.
  CHECK(berlin({"01:00", "01:00", "02:00", "02:00", "02:00", "02:00", "03:00"}) ==
        "23:00 23:00 00:00 00:00? 00:00? 00:00? 02:00");
  // The table of one meter, then that of the next.
  CHECK(berlin({"01:00", "02:00", "02:00", "03:00", "01:00", "02:00", "02:00"}) ==
        "23:00 00:00 01:00! 02:00 23:00 00:00 01:00!");
  CHECK(berlin({"01:00", "02:00", "02:00", "03:00"}, Series::one) == "23:00 00:00 01:00 02:00");
  CHECK(berlin({"02:00", "02:00", "03:00"}, Series::one) == "00:00? 01:00 02:00");
  CHECK(in_utc("Australia/Lord_Howe", Fold::infer, "2026-04-05", {"01:00", "01:30", "01:30", "02:00"}, Series::one) ==
        "14:00 14:30 15:00 15:30");
}

TEST_CASE("a table that goes back to an earlier time begins a new stretch") {
  CHECK(in_utc("Europe/Berlin", Fold::infer, "2026-10-25", {"02:45", "02:00", "04:00", "01:45", "02:15", "02:00"}) ==
        "00:45? 01:00 03:00 23:45 00:15 01:00");
  CHECK(in_utc("Europe/Berlin", Fold::infer, "2026-10-25", {"04:00", "02:15"}) == "03:00 00:15?");
}

TEST_CASE("the other folds") {
  const std::vector<std::string> night{"02:00", "02:30", "02:00"};
  CHECK(in_utc("Europe/Berlin", Fold::first, "2026-10-25", night) == "00:00 00:30 00:00");
  CHECK(in_utc("Europe/Berlin", Fold::last, "2026-10-25", night) == "01:00 01:30 01:00");
  CHECK(in_utc("Europe/Berlin", Fold::reject, "2026-10-25", {"01:45", "02:00", "02:30", "03:00"}) == "23:45 - - 02:00");
}

TEST_CASE("a local time that never happens is none, whatever the fold") {
  for (const Fold fold : {Fold::infer, Fold::first, Fold::last, Fold::reject})
    CHECK(in_utc("Europe/Berlin", fold, "2026-03-29", {"01:45", "02:00", "02:30", "03:00"}) == "00:45 - - 01:00");
  CHECK(in_utc("Australia/Lord_Howe", Fold::infer, "2026-10-04", {"01:45", "02:15", "02:30"}) == "15:15 - 15:30");
}

TEST_CASE("an abbreviation decides between the two") {
  const LocalTimes local(*Zone::find("Europe/Berlin"), Fold::reject);
  Time time;
  CHECK(local.to_utc(wall("2026-10-25 02:30"), "CEST", time) == Result::done);
  CHECK(format_time(time) == "2026-10-25T00:30:00Z");
  CHECK(local.to_utc(wall("2026-10-25 02:30"), "CET", time) == Result::done);
  CHECK(format_time(time) == "2026-10-25T01:30:00Z");
  CHECK(local.to_utc(wall("2026-07-01 12:00"), "CET", time) == Result::never);
}

TEST_CASE("the stretch that is remembered ends before the next change") {
  LocalTimes local(*Zone::find("Europe/Berlin"), Fold::reject);
  RowOrder order;
  Time time;
  for (const auto& [text, utc] :
       std::vector<std::pair<std::string, std::string>>{{"2026-07-01 12:00", "2026-07-01T10:00:00Z"},
                                                        {"2026-10-24 23:59", "2026-10-24T21:59:00Z"},
                                                        {"2026-10-25 03:00", "2026-10-25T02:00:00Z"},
                                                        {"2026-07-02 00:00", "2026-07-01T22:00:00Z"},
                                                        {"2027-01-01 00:00", "2026-12-31T23:00:00Z"},
                                                        {"1900-01-01 00:00", "1899-12-31T23:00:00Z"}}) {
    CHECK(local.to_utc(wall(text), order, time) == Result::done);
    CHECK(format_time(time) == utc);
  }
}

TEST_CASE("an offset is not a zone; the message names the zone that has it all year") {
  const auto message = [](std::string_view name) {
    try {
      Zone::named(name);
    } catch (const std::invalid_argument& problem) {
      return std::string(problem.what());
    }
    return std::string();
  };
  for (const char* text : {"+01:00", "UTC+1", "GMT+01", "+0100"})
    CHECK(message(text) ==
          "--tz: there is no time zone '" + std::string(text) + "'; Etc/GMT-1 has that offset all year");
  CHECK(message("UTC-12:00").find("Etc/GMT+12 ") != std::string::npos);
  CHECK(Zone::find("Etc/GMT-1"));
  for (const char* text : {"MEZ", "+05:30", "+25", "+", "UTC+"})
    CHECK(message(text) == "--tz: there is no time zone '" + std::string(text) + "' (as in Europe/Athens)");
}
