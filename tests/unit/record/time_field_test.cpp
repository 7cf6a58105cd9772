#include "record/time_field.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "record/counted.hpp"
#include "record/parser.hpp"

using namespace weir;

namespace {

struct Reader {
  explicit Reader(const TimeSettings& settings) : field(settings, fields), parser(fields) {}
  const Record& record(std::string_view line) {
    const Record* found = parser.parse_copy(line, 1);
    REQUIRE(found != nullptr);
    return *found;
  }
  std::string reason(std::string_view line) {
    Time time;
    return field.read(record(line), time).reason();
  }
  FieldSet fields;
  TimeField field;
  RecordParser parser;
};

}  // namespace

TEST_CASE("a time is read in the zone and the unit given") {
  Reader reader({"a.at", "Europe/Athens", EpochUnit::ms});
  Time time;
  CHECK_FALSE(reader.field.read(reader.record(R"({"a":{"at":"2026-07-01 03:00:00"}})"), time).rejected());
  CHECK(format_time(time) == "2026-07-01T00:00:00Z");
  CHECK_FALSE(reader.field.read(reader.record(R"({"a":{"at":1500}})"), time).rejected());
  CHECK(format_time(time) == "1970-01-01T00:00:01.500Z");
}

TEST_CASE("the reason for a reject shows the value") {
  Reader reader({"at", "UTC", EpochUnit::s});
  CHECK(reader.reason(R"({"b":1})") == "no usable time: at is missing");
  CHECK(reader.reason(R"({"at":null})") == "no usable time: at is null");
  CHECK(reader.reason(R"({"at":"2016-13-01"})") == R"(no usable time: at "2016-13-01" is not a time)");
  CHECK(reader.reason(R"({"at":true})") == "no usable time: at true is not a time");
  CHECK(reader.reason(R"({"at":[1,2]})") == "no usable time: at [1,2] is not a time");
  CHECK(reader.reason(R"({"at":1e300})") == "no usable time: at 1e300 is not a time");
  const std::string letters(38, 'x');
  CHECK(reader.reason(R"({"at":")" + letters + R"("})") == R"(no usable time: at ")" + letters + R"(" is not a time)");
  CHECK(reader.reason(R"({"at":")" + letters + R"(öö"})") == R"(no usable time: at ")" + letters + "… is not a time");
}

TEST_CASE("a time that may be missing") {
  Reader reader({"at", "UTC", EpochUnit::s});
  std::optional<Time> time = Time{};
  CHECK_FALSE(reader.field.read(reader.record(R"({"at":null})"), time).rejected());
  CHECK_FALSE(time.has_value());
  CHECK_FALSE(reader.field.read(reader.record(R"({"at":5})"), time).rejected());
  CHECK(time == Time(std::chrono::seconds(5)));
  CHECK(reader.field.read(reader.record(R"({"at":"now"})"), time).rejected());
}

TEST_CASE("a bad path and an unknown zone are refused") {
  FieldSet fields;
  CHECK_THROWS_AS(TimeField({"a..b", "UTC", EpochUnit::s}, fields), std::invalid_argument);
  CHECK_THROWS_AS(TimeField({"at", "Mars/Olympus", EpochUnit::s}, fields), std::invalid_argument);
}

TEST_CASE("counts in messages") {
  CHECK(counted(1, "record") == "1 record");
  CHECK(counted(0, "record") == "0 records");
  CHECK(CountReport().add(0, "row", "left out").text().empty());
  CHECK(CountReport().add(1, "row", "left out").add(2, "key", "forgotten").text() ==
        "1 row left out; 2 keys forgotten");
}
