#include "day_summary.hpp"

#include "catch.hpp"
#include "sample.hpp"

using namespace weir;
using namespace weir::summary_mail;

namespace {

Zone zone(std::string_view name) { return *Zone::find(name); }

CityDay summary(const Readings& readings, std::string_view city, const Zone& where, std::string_view day) {
  const auto found = readings.find(city);
  REQUIRE(found != readings.cities().end());
  return summarise_day(found->first, found->second, readings, where, date(day));
}

}  // namespace

TEST_CASE("morning is 06 to 12, evening 18 to 24, by the zone's clock") {
  Readings readings({}, std::nullopt);
  for (int hour = 0; hour < 24; ++hour) {
    const Reading reading{
        at("2017-06-01T00:00:00Z") + std::chrono::hours(hour), 1.0 * hour, 50.0 + hour, 1000.0 + hour, 1, 0};
    REQUIRE_FALSE(readings.add("Athens", reading, hour == 7 ? "light rain" : "few clouds", reading.time).rejected());
  }
  const CityDay utc = summary(readings, "Athens", Zone(), "2017-06-01");
  CHECK(utc.morning.readings == 6);
  CHECK(utc.morning.temperature_c->mean == 8.5);
  CHECK(utc.morning.temperature_c->low == 6);
  CHECK(utc.morning.temperature_c->high == 11);
  CHECK(utc.morning.humidity->mean == 58.5);
  CHECK(utc.evening.pressure->mean == 1020.5);
  CHECK(utc.evening.temperature_c->low == 18);
  CHECK(utc.current_time == at("2017-06-01T23:00:00Z"));
  CHECK(utc.current->temperature_c->mean == 23);
  CHECK(utc.course.size() == 24);
  CHECK(utc.course[5].hour == 5);
  // The most frequent description is few clouds; the one hour of rain calls for an umbrella.
  CHECK(utc.morning.weather == "few clouds");
  REQUIRE(utc.morning.advice.size() == 1);
  CHECK(utc.morning.advice[0] == "Take an umbrella.");
  CHECK(utc.evening.advice.empty());

  const CityDay athens = summary(readings, "Athens", zone("Europe/Athens"), "2017-06-01");  // UTC+3
  CHECK(athens.morning.temperature_c->low == 3);
  CHECK(athens.morning.temperature_c->high == 8);
  CHECK(athens.evening.readings == 6);
  CHECK(athens.current_time == at("2017-06-01T20:00:00Z"));
  const CityDay next = summary(readings, "Athens", zone("Europe/Athens"), "2017-06-02");
  CHECK(next.morning.readings == 0);
  CHECK(next.current_time == at("2017-06-01T23:00:00Z"));
  CHECK_FALSE(has_readings(summary(readings, "Athens", Zone(), "2017-06-02")));
}

TEST_CASE("a day on which clocks change has 23 or 25 hours") {
  // 2017-03-12 in Los Angeles: 02:00 became 03:00, so 06:00 to 12:00 is 13:00Z to 19:00Z.
  Readings spring({}, date("2017-03-12"));
  CHECK(add(spring, "LA", "2017-03-12T07:59:59Z", 1));  // 23:59:59 the day before
  CHECK(add(spring, "LA", "2017-03-12T08:00:00Z", 2));
  CHECK(add(spring, "LA", "2017-03-12T12:59:59Z", 3));  // 05:59:59
  CHECK(add(spring, "LA", "2017-03-12T13:00:00Z", 4));
  CHECK(add(spring, "LA", "2017-03-12T18:59:59Z", 5));
  CHECK(add(spring, "LA", "2017-03-12T19:00:00Z", 6));
  CHECK(add(spring, "LA", "2017-03-13T06:59:59Z", 7));
  CHECK(add(spring, "LA", "2017-03-13T07:00:00Z", 8));  // the day after
  const CityDay short_day = summary(spring, "LA", zone("America/Los_Angeles"), "2017-03-12");
  CHECK(short_day.course.size() == 6);
  CHECK(short_day.morning.readings == 2);
  CHECK(short_day.morning.temperature_c->mean == 4.5);
  CHECK(short_day.evening.temperature_c->mean == 7);

  Readings autumn({}, date("2017-11-05"));
  CHECK(add(autumn, "LA", "2017-11-05T07:00:00Z", 1));
  CHECK(add(autumn, "LA", "2017-11-06T07:59:59Z", 2));  // after 25 hours the day is not over
  const CityDay long_day = summary(autumn, "LA", zone("America/Los_Angeles"), "2017-11-05");
  CHECK(long_day.course.size() == 2);
}

TEST_CASE("unknown values are left out; of equal times the last counts, of equally frequent descriptions the first") {
  Readings readings({}, std::nullopt);
  CHECK(add(readings, "A", "2017-01-01T08:00:00Z", unknown, "mist", 4));
  CHECK(add(readings, "A", "2017-01-01T09:00:00Z", 10, "haze"));
  CHECK(add(readings, "A", "2017-01-01T09:00:00Z", 20, "snow", 2));
  CHECK(add(readings, "A", "2017-01-01T07:00:00Z", 5));  // late
  const CityDay day = summary(readings, "A", Zone(), "2017-01-01");
  CHECK(day.morning.readings == 3);
  CHECK(day.morning.temperature_c->mean == 12.5);
  CHECK(day.morning.wind_speed->mean == 3);
  CHECK(day.morning.wind_speed->high == 4);
  CHECK_FALSE(day.morning.humidity);
  CHECK(day.morning.weather == "mist");
  CHECK(day.current->weather == "snow");
  CHECK(day.course.size() == 2);
  CHECK(day.course[0].hour == 7);
}

TEST_CASE("absurd temperatures stay in the figures and out of the chart") {
  Readings readings({}, std::nullopt);
  CHECK(add(readings, "A", "2017-01-01T08:00:00Z", 1e300));
  const CityDay day = summary(readings, "A", Zone(), "2017-01-01");
  CHECK(day.morning.temperature_c->mean == 1e300);
  CHECK(day.course.empty());
}

TEST_CASE("only readings of today and yesterday are kept, by the clock") {
  Readings readings({}, std::nullopt);
  const Time now = at("2017-02-28T23:00:00Z");
  for (int hour = 0; hour < 28 * 24; ++hour)
    REQUIRE_FALSE(readings.add("A", {at("2017-02-01T00:00:00Z") + std::chrono::hours(hour)}, "", now).rejected());
  CHECK(readings.cities().at("A").size() == 50);
  CHECK(readings.latest() == now);
  // A clock that is days ahead harms its own readings alone.
  CHECK_FALSE(readings.add("A", {now + std::chrono::hours(72)}, "", now).rejected());
  CHECK_FALSE(readings.add("A", {now}, "", now).rejected());
  CHECK(readings.cities().at("A").size() == 51);
  // In a run of days old readings are forgotten.
  CHECK_FALSE(readings.add("A", {now}, "", now + std::chrono::hours(49)).rejected());
  CHECK(readings.cities().at("A").size() == 3);
}

TEST_CASE("the day is today once its evening has begun, else yesterday") {
  const auto day = [](std::string_view which, std::string_view now, std::string_view where) {
    const WhichDay chosen = which.empty() ? WhichDay() : *parse_which_day(which);
    return chosen.at(at(now), zone(where));
  };
  CHECK(day("", "2026-11-26T21:30:00Z", "Europe/Athens") == date("2026-11-26"));  // 23:30
  CHECK(day("", "2026-11-26T22:30:00Z", "Europe/Athens") == date("2026-11-26"));  // 00:30 of the next day
  CHECK(day("", "2026-11-26T22:30:00Z", "Europe/London") == date("2026-11-26"));
  CHECK(day("", "2026-11-26T17:59:59Z", "Europe/London") == date("2026-11-25"));
  CHECK(day("", "2026-11-26T18:00:00Z", "Europe/London") == date("2026-11-26"));
  CHECK(day("", "2026-11-26T18:00:00Z", "Pacific/Auckland") == date("2026-11-26"));  // 07:00 of the 27th
  CHECK(day("", "2026-03-01T08:00:00Z", "UTC") == date("2026-02-28"));
  // On both nights on which clocks change the evening begins at 18:00 of the wall clock.
  CHECK(day("", "2026-03-29T15:59:59Z", "Europe/Berlin") == date("2026-03-28"));
  CHECK(day("", "2026-03-29T16:00:00Z", "Europe/Berlin") == date("2026-03-29"));
  CHECK(day("", "2026-10-25T16:59:59Z", "Europe/Berlin") == date("2026-10-24"));
  CHECK(day("", "2026-10-25T17:00:00Z", "Europe/Berlin") == date("2026-10-25"));
  CHECK(day("today", "2026-11-26T03:00:00Z", "UTC") == date("2026-11-26"));
  CHECK(day("yesterday", "2026-11-26T23:00:00Z", "UTC") == date("2026-11-25"));
  CHECK(day("2017-02-03", "2026-11-26T23:00:00Z", "UTC") == date("2017-02-03"));
  CHECK_FALSE(parse_which_day("tomorrow"));
  CHECK_FALSE(parse_which_day("2017-02-30"));
}

TEST_CASE("with a date, only the hours in which it is that date somewhere") {
  Readings readings({}, date("2017-02-10"));
  CHECK(add(readings, "A", "2017-02-09T09:59:59Z", 1));
  CHECK(add(readings, "A", "2017-02-09T10:00:00Z", 2));  // midnight in Kiritimati
  CHECK(add(readings, "A", "2017-02-11T11:59:59Z", 3));
  CHECK(add(readings, "A", "2017-02-11T12:00:00Z", 4));  // midnight at UTC-12
  CHECK(add(readings, "A", "2018-01-01T00:00:00Z", 5));
  CHECK(readings.cities().at("A").size() == 2);
  CHECK(summary(readings, "A", zone("Pacific/Kiritimati"), "2017-02-10").course.size() == 1);
}

TEST_CASE("limits are enforced and reported") {
  Readings readings({2, 3, 2}, std::nullopt);
  CHECK(add(readings, "A", "2017-01-01T00:00:00Z", 1, "a"));
  CHECK(add(readings, "B", "2017-01-01T00:00:00Z", 1, "b"));
  CHECK_FALSE(add(readings, "C", "2017-01-01T00:00:00Z", 1));
  CHECK_FALSE(add(readings, "B", "2017-01-01T01:00:00Z", 1, "c"));
  CHECK(add(readings, "A", "2017-01-01T01:00:00Z", 1));
  CHECK(add(readings, "A", "2017-01-01T02:00:00Z", 1));
  CHECK_FALSE(add(readings, "A", "2017-01-01T03:00:00Z", 1));
  CHECK(add(readings, "A", "2017-01-03T02:30:00Z", 1));  // the first is now too old
}

TEST_CASE("cities are found by name, letters' case being second") {
  Readings readings({}, std::nullopt);
  CHECK(add(readings, "Athens", "2017-01-01T00:00:00Z", 1));
  CHECK(add(readings, "ATHENS", "2017-01-01T00:00:00Z", 1));
  CHECK(readings.find("ATHENS")->first == "ATHENS");
  CHECK(readings.find("Athens")->first == "Athens");
  CHECK(readings.find("athens") != readings.cities().end());
  CHECK(readings.find("Athen") == readings.cities().end());
}

TEST_CASE("a greeting takes the latest reading of all") {
  Readings readings({}, std::nullopt);
  CHECK(add(readings, "A", "2017-01-01T10:00:00Z", 7));
  CHECK(add(readings, "A", "2017-01-01T09:00:00Z", 3));
  const CityDay day = summarise_current("A", readings.cities().at("A"), readings);
  CHECK(day.current->temperature_c->mean == 7);
  CHECK(day.current_time == at("2017-01-01T10:00:00Z"));
}
