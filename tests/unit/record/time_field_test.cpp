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
  CHECK_FALSE(reader.field.read(reader.record(R"({"a":{"at":1782864000500}})"), time).rejected());
  CHECK(format_time(time) == "2026-07-01T00:00:00.500Z");
}

TEST_CASE("a time field that is misspelt: the nearest is named") {
  Reader reader({"timestmp"});
  CHECK(reader.reason(R"({"timestamp":1,"city":2})") ==
        "no usable time: timestmp is missing; the nearest is 'timestamp' (--time names the field)");
  CHECK(reader.reason(R"({"x":1})") == "no usable time: timestmp is missing (--time names the field)");
}

TEST_CASE("a time that comes again is the same, and one that is like it is another") {
  Reader reader({"at", "Europe/Athens", EpochUnit::s});
  for (const auto& [text, expected] : {std::pair("2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z"),
                                       std::pair("2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z"),
                                       std::pair("2026-07-01T00:00:01Z", "2026-07-01T00:00:01Z"),
                                       std::pair("2027-07-01T00:00:01Z", "2027-07-01T00:00:01Z"),
                                       std::pair("2027-07-01T01:00:01Z", "2027-07-01T01:00:01Z"),
                                       std::pair("2027-07-01T01:00:01.250Z", "2027-07-01T01:00:01.250Z"),
                                       std::pair("2027-07-01T01:00:01.250Z", "2027-07-01T01:00:01.250Z"),
                                       std::pair("2027-07-01T01:00:01", "2027-06-30T22:00:01Z"),
                                       std::pair("2027-07-01T01:00Z", "2027-07-01T01:00:00Z"),
                                       std::pair("2027-07-01T01:00:01Z", "2027-07-01T01:00:01Z")}) {
    Time time;
    CHECK_FALSE(reader.field.read(reader.record(R"({"at":")" + std::string(text) + R"("})"), time).rejected());
    CHECK(format_time(time) == expected);
  }
  CHECK(reader.reason(R"({"at":"2027-07-01T01:00:01z "})") != "");
  CHECK(reader.reason(R"({"at":""})") != "");
}

TEST_CASE("the reason for a reject shows the value") {
  Reader reader({"at", "UTC", EpochUnit::s});
  CHECK(reader.reason(R"({"b":1})") == "no usable time: at is missing (--time names the field)");
  CHECK(reader.reason(R"({"at":null})") == "no usable time: at is null");
  CHECK(reader.reason(R"({"at":"2016-13-01"})") == R"(no usable time: at "2016-13-01" is not a time)");
  for (const char* far : {"2262-04-10T00:00:00Z", "9999-12-31T23:59:59Z", "1600-01-01 00:00"})
    CHECK(reader.reason(R"({"at":")" + std::string(far) + R"("})") ==
          R"(no usable time: at ")" + std::string(far) + R"(" is outside of 1678 to 2261, the years that can be held)");
  CHECK(reader.reason(R"({"at":true})") == "no usable time: at true is not a time");
  CHECK(reader.reason(R"({"at":[1,2]})") == "no usable time: at [1,2] is not a time");
  CHECK(reader.reason(R"({"at":1e300})") ==
        "no usable time: at 1e300 is not a time: in s since 1970 it is outside of 1990 to 2100");
  const std::string letters(38, 'x');
  CHECK(reader.reason(R"({"at":")" + letters + R"("})") == R"(no usable time: at ")" + letters + R"(" is not a time)");
  CHECK(reader.reason(R"({"at":")" + letters + R"(öö"})") == R"(no usable time: at ")" + letters + "… is not a time");
}

TEST_CASE("a time that may be missing") {
  Reader reader({"at", "UTC", EpochUnit::s});
  std::optional<Time> time = Time{};
  CHECK_FALSE(reader.field.read(reader.record(R"({"at":null})"), time).rejected());
  CHECK_FALSE(time.has_value());
  CHECK_FALSE(reader.field.read(reader.record(R"({"at":1782864000})"), time).rejected());
  CHECK(time == Time(std::chrono::seconds(1782864000)));
  CHECK(reader.field.read(reader.record(R"({"at":"now"})"), time).rejected());
}

TEST_CASE("a number that is no time of these years is rejected, and the message names what it may be") {
  Reader reader({"at"});
  const std::string reason = "no usable time: at ";
  const auto formatted = [&reason](const std::string& value, const std::string& format) {
    return reason + value + " is not a time as it is; --time-format '" + format + "' of csv-tail or mqtt-sub reads it";
  };
  const std::string after = ", or strptime of jq";
  CHECK(reader.reason(R"({"at":20240301})") == formatted("20240301", "%Y%m%d") + after);
  CHECK(reader.reason(R"({"at":2024030109})") == formatted("2024030109", "%Y%m%d%H") + after);
  CHECK(reader.reason(R"({"at":"20240301"})") == formatted("\"20240301\"", "%Y%m%d") + after);
  CHECK(reader.reason(R"({"at":"01.03.2024 10:00"})") == formatted("\"01.03.2024 10:00\"", "%d.%m.%Y %H:%M") + after);
  CHECK(reader.reason(R"({"at":45352.4})") == formatted("45352.4", "excel"));
  const std::string outside = " is not a time: in s since 1970 it is outside of 1990 to 2100; ";
  CHECK(reader.reason(R"({"at":1782864000000})") == reason + "1782864000000" + outside + "--time-unit ms reads it");
  CHECK(reader.reason(R"({"at":12})") == reason + "12" + outside + "--any-epoch takes it");
  CHECK(reader.reason(R"({"at":1782864000})").empty());
  CHECK(reader.reason(R"({"at":631152000})").empty());
  CHECK_FALSE(reader.reason(R"({"at":631151999})").empty());
  CHECK(reader.reason(R"({"at":4102444799})").empty());
  CHECK_FALSE(reader.reason(R"({"at":4102444800})").empty());
  CHECK(reader.reason(R"({"at":"1970-01-01T00:00:12Z"})").empty());  // written out, it is meant
  TimeSettings any{"at"};
  any.epochs = Epochs::any;
  Reader trusting(any);
  CHECK(trusting.reason(R"({"at":9223372036})") ==
        "no usable time: at 9223372036 is outside of 1678 to 2261, the years that can be held");
  CHECK(trusting.reason(R"({"at":12})").empty());
  CHECK(trusting.reason(R"({"at":"20240301"})").empty());
}

TEST_CASE("without a name the time is the first of the usual fields") {
  Reader reader(TimeSettings{});
  const auto name = [&reader](std::string_view line) {
    Time time;
    CHECK_FALSE(reader.field.read(reader.record(line), time).rejected());
    return reader.field.name();
  };
  const std::string at = R"(:"2026-07-01T00:00:00Z")";
  CHECK(name(R"({"ts")" + at + R"(,"timestamp")" + at + "}") == "timestamp");
  CHECK(name(R"({"ts")" + at + R"(,"time")" + at + "}") == "time");
  CHECK(name(R"({"window_end")" + at + R"(,"ts")" + at + "}") == "ts");
  CHECK(name(R"({"window_start")" + at + R"(,"window_end")" + at + "}") == "window_end");
  CHECK(reader.field.is_window_end());
  CHECK(name(R"({"date")" + at + "}") == "date");
  CHECK_FALSE(reader.field.is_window_end());
  CHECK(reader.reason(R"({"at")" + at + "}") == "no usable time: timestamp is missing (--time names the field)");
  CHECK(reader.reason(R"({"timestamp":null,"ts")" + at + "}") == "no usable time: timestamp is null");
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

TEST_CASE("counts since an earlier report") {
  const auto counts = [](std::uint64_t late, std::uint64_t null, std::uint64_t repeats, const LateOption& option) {
    return CountReport()
        .add_late(late, "record", "too old: ", option)
        .add(null, "value", "null")
        .add(repeats, "repeat", "dropped", Weight::work)
        .remark("all done");
  };
  const CountReport before = counts(2, 5, 0, {});
  const CountReport now = counts(3, 5, 7, {});
  CHECK(now.news_since(before) == "3 records too old: left out (--late FILE keeps them, --late drop does not)");
  CHECK(now.lost_since(before) == 1);
  CHECK(now.news_since(now).empty());
  CHECK(now.lost_since(now) == 0);
  CHECK(now.news_since({}) == now.news_since(before) + "; 5 values null");
  CHECK(now.text() == now.news_since({}) + "; 7 repeats dropped; all done");
  CHECK(counts(3, 0, 0, {"drop"}).lost_since({}) == 0);
  CHECK(counts(3, 0, 0, {"drop"}).news_since({}) == "3 records too old: left out (--late drop)");
  CHECK(counts(3, 0, 0, {"late.ndjson"}).lost_since({}) == 0);
  CHECK(counts(3, 0, 0, {"late.ndjson"}).news_since({}) == "3 records too old: written to --late");
  CHECK(LateOption{"drop"}.path().empty());
  CHECK(LateOption{"late.ndjson"}.path() == "late.ndjson");
}
