#include "influx/line_reader.hpp"

#include <string>

#include "catch.hpp"
#include "influx/precision.hpp"
#include "time/timestamp.hpp"

using namespace weir;
using namespace weir::influx;

namespace {

/// The record of a point, or `! ` and the reason.
std::string read(std::string_view line, std::string_view precision = "ns") {
  LineReader points;
  const Precision unit = precision_of(precision).value();
  std::string out = "before";
  const Time received = TimeParser().parse("2026-01-02T03:04:05Z").value();
  if (points.read(line, unit, received, out)) return out.substr(6);
  CHECK(out == "before");
  return "! " + points.reason();
}

const std::string now = R"({"timestamp":"2026-01-02T03:04:05Z",)";

}  // namespace

TEST_CASE("a point becomes a record") {
  CHECK(
      read("weather,city=Athens,site=a temperature_c=21.5,n=3i,u=4u,ok=t,s=\"x\" 1767225600000000001") ==
      R"({"timestamp":"2026-01-01T00:00:00.000000001Z","measurement":"weather","city":"Athens","site":"a","temperature_c":21.5,"n":3,"u":4,"ok":true,"s":"x"})");
  CHECK(read("w v=1") == now + R"("measurement":"w","v":1})");
  CHECK(read("w v=-1.5e-3,a=FALSE,b=true") == now + R"("measurement":"w","v":-1.5e-3,"a":false,"b":true})");
}

TEST_CASE("a time has the unit of the precision") {
  for (const auto& [text, precision] : {std::pair("1767225600000000000", ""),
                                        {"1767225600000000", "us"},
                                        {"1767225600000", "ms"},
                                        {"1767225600", "s"},
                                        {"29453760", "m"},
                                        {"490896", "h"}})
    CHECK(read(std::string("w v=1 ") + text, precision) ==
          R"({"timestamp":"2026-01-01T00:00:00Z","measurement":"w","v":1})");
  CHECK_FALSE(precision_of("d"));
  CHECK_FALSE(precision_of("Auto"));
}

TEST_CASE("precision=auto takes the unit from a time's magnitude") {
  for (const char* text : {"1767225600000000000", "1767225600000000", "1767225600000", "1767225600"})
    CHECK(read(std::string("w v=1 ") + text, "auto") ==
          R"({"timestamp":"2026-01-01T00:00:00Z","measurement":"w","v":1})");
  const auto time = [](std::string_view text) {
    const std::string made = read("w v=1 " + std::string(text), "auto");
    return made.substr(0, made.find(",\"measurement"));
  };
  // The bounds in InfluxDB 3's manual; the times from GNU date.
  CHECK(time("4999999999") == R"({"timestamp":"2128-06-11T08:53:19Z")");
  CHECK(time("5000000000") == R"({"timestamp":"1970-02-27T20:53:20Z")");
  CHECK(time("4999999999999") == R"({"timestamp":"2128-06-11T08:53:19.999Z")");
  CHECK(time("5000000000000") == R"({"timestamp":"1970-02-27T20:53:20Z")");
  CHECK(time("4999999999999999") == R"({"timestamp":"2128-06-11T08:53:19.999999Z")");
  CHECK(time("5000000000000000") == R"({"timestamp":"1970-02-27T20:53:20Z")");
  CHECK(time("-4999999999") == R"({"timestamp":"1811-07-23T15:06:41Z")");
  CHECK(time("-5000000000") == R"({"timestamp":"1969-11-04T03:06:40Z")");
  CHECK(time("0") == R"({"timestamp":"1970-01-01T00:00:00Z")");
  CHECK(time("-9223372036854775807") == R"({"timestamp":"1677-09-21T00:12:43.145224193Z")");
}

TEST_CASE("escapes of names, tags and strings") {
  CHECK(read(R"(my\ w\,x,a\=b=c\ d v\ 1="say \"hi\", \\ all" 1767225600000000000)") ==
        R"({"timestamp":"2026-01-01T00:00:00Z","measurement":"my w,x","a=b":"c d","v 1":"say \"hi\", \\ all"})");
  CHECK(read(R"(w,p=C:\temp v=1)") == now + R"("measurement":"w","p":"C:\\temp","v":1})");
}

TEST_CASE("numbers become JSON numbers") {
  CHECK(read("w a=1.,b=.5,c=+2,d=-.5e3") == now + R"("measurement":"w","a":1,"b":0.5,"c":2,"d":-0.5e3})");
}

TEST_CASE("what is not a point has a reason") {
  CHECK(read("") == "! there is no measurement");
  CHECK(read(",a=b v=1") == "! there is no measurement");
  CHECK(read("w") == "! there is no field, or one without value");
  CHECK(read("w,a v=1") == "! a tag has no name or no value");
  CHECK(read("w,a= v=1") == "! the tag 'a' has no value");
  CHECK(read("w v=") == "! a field has no value");
  CHECK(read("w v=abc") == "! 'abc' is not a value");
  CHECK(read("w v=1.5i") == "! '1.5i' is not a whole number");
  CHECK(read("w v=-1u") == "! '-1u' is not a whole number");
  CHECK(read("w v=\"x") == "! a string is not closed");
  CHECK(read("w v=1 x") == "! 'x' is not a time in whole numbers since 1970");
  CHECK(read("w v=1 1 2") == "! '1 2' is not a time in whole numbers since 1970");
  CHECK(read("w v=1 9223372036854775807", "s") ==
        "! the time 9223372036854775807 is out of range: `precision` is its unit");
  CHECK(read("w,v=a v=1") == "! there are two values of 'v'");
  CHECK(read("w timestamp=1") == "! there are two values of 'timestamp'");
  CHECK(read("w v=\"\xff\"") == "! not UTF-8");
  CHECK(LineReader::is_blank("  # a comment"));
}
