#include "time/time_part.hpp"

#include "catch.hpp"
#include "time/timestamp.hpp"

using weir::TimePart;

namespace {

int part(std::string_view time, TimePart which, std::string_view zone = "UTC") {
  return weir::part_of(weir::Zone::find(zone).value().to_local(weir::TimeParser().parse(time).value()), which);
}

}  // namespace

TEST_CASE("parts of a time") {
  const std::string_view time = "2017-03-05T23:59:59.999999999Z";  // a Sunday
  CHECK(part(time, TimePart::minute_of_hour) == 59);
  CHECK(part(time, TimePart::hour_of_day) == 23);
  CHECK(part(time, TimePart::day_of_week) == 7);
  CHECK(part(time, TimePart::day_of_month) == 5);
  CHECK(part(time, TimePart::day_of_year) == 64);
  CHECK(part(time, TimePart::week_of_year) == 9);
  CHECK(part(time, TimePart::month_of_year) == 3);
  CHECK(part(time, TimePart::quarter_of_year) == 1);
  CHECK(part("2017-03-06T00:00:00Z", TimePart::day_of_week) == 1);
  CHECK(part("2017-12-31T00:00:00Z", TimePart::quarter_of_year) == 4);
  CHECK(part("1969-12-31T23:30:00Z", TimePart::hour_of_day) == 23);
  CHECK(part("1969-12-31T23:30:00Z", TimePart::minute_of_hour) == 30);
}

TEST_CASE("weeks of the year by ISO 8601") {
  CHECK(part("2016-01-03T12:00:00Z", TimePart::week_of_year) == 53);  // of the year 2015
  CHECK(part("2016-01-04T12:00:00Z", TimePart::week_of_year) == 1);
  CHECK(part("2018-12-31T12:00:00Z", TimePart::week_of_year) == 1);  // of the year 2019
  CHECK(part("2020-12-31T12:00:00Z", TimePart::week_of_year) == 53);
}

TEST_CASE("parts of a time are those of a zone") {
  CHECK(part("2017-03-05T22:30:00Z", TimePart::hour_of_day, "Europe/Athens") == 0);
  CHECK(part("2017-03-05T22:30:00Z", TimePart::day_of_week, "Europe/Athens") == 1);
  CHECK(part("2017-07-05T22:30:00Z", TimePart::hour_of_day, "Europe/Athens") == 1);
  CHECK(part("2017-03-05T22:30:00Z", TimePart::minute_of_hour, "Asia/Kathmandu") == 15);
  CHECK(part("1678-01-01T00:00:00Z", TimePart::day_of_year, "Asia/Tokyo") == 1);
  CHECK(part("2261-12-31T23:59:59Z", TimePart::day_of_month, "Asia/Tokyo") == 1);
}

TEST_CASE("names of the parts of a time") {
  CHECK(weir::parse_time_part("hour_of_day") == TimePart::hour_of_day);
  CHECK(weir::parse_time_part("quarter_of_year") == TimePart::quarter_of_year);
  CHECK_FALSE(weir::parse_time_part("hour"));
  CHECK_FALSE(weir::parse_time_part(""));
}
