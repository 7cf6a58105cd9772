#include "cleaning.hpp"

#include <stdexcept>

#include "catch.hpp"

using weir::Kind;
using weir::Value;
using weir::clean::clean_value;
using weir::clean::CleanValue;
using weir::clean::OutOfRange;
using weir::clean::parse_range;
using Note = weir::clean::CleanValue::Note;

namespace {

Value number(std::string_view raw) { return {Kind::number, raw, raw}; }
Value string(std::string_view text) { return {Kind::string, "\"…\"", text}; }

CleanValue cleaned(const Value& value, std::string_view range = "x=..", OutOfRange action = OutOfRange::set_null) {
  CleanValue result;
  result.token = "left from the record before";
  clean_value(value, parse_range(range), action, result);
  return result;
}

/// The number of a string; `-` when it is not a number.
std::string coerced(std::string_view text) {
  const CleanValue result = cleaned(string(text));
  if (result.note == Note::not_a_number) {
    CHECK(result.token == "null");
    CHECK_FALSE(result.value);
    return "-";
  }
  CHECK(result.note == Note::coerced);
  CHECK(result.value);
  return result.token;
}

std::string refusal(std::string_view text) {
  try {
    parse_range(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("a string that holds a number becomes it, digit for digit") {
  CHECK(coerced("75.0") == "75.0");
  CHECK(coerced(" 75 \t") == "75");
  CHECK(coerced("+5") == "5");
  CHECK(coerced("-5") == "-5");
  CHECK(coerced("-0") == "-0");
  CHECK(coerced("007.50") == "7.50");
  CHECK(coerced("000") == "0");
  CHECK(coerced(".5") == "0.5");
  CHECK(coerced("-.5") == "-0.5");
  CHECK(coerced("5.") == "5");
  CHECK(coerced("1e3") == "1e3");
  CHECK(coerced("5.E-1") == "5E-1");
  CHECK(coerced("12345678901234567890.12345678901234567890") == "12345678901234567890.12345678901234567890");
}

TEST_CASE("a string that holds none becomes null") {
  for (const char* text : {"", " ", "n/a", "null", "NaN", "inf", "-", "+", ".", "1,5", "1 2", "0x10", "5 C", "--5",
                           "+-5", "1e", "1e999", "1.2.3", "٣"}) {
    INFO(text);
    CHECK(coerced(text) == "-");
  }
}

TEST_CASE("numbers and missing values are kept") {
  CHECK(cleaned(number("75.00")).note == Note::kept);
  CHECK(cleaned(number("75.00")).value == 75.0);
  CHECK(cleaned({}).note == Note::kept);
  CHECK_FALSE(cleaned({}).value);
  CHECK(cleaned({Kind::null, "null", "null"}).note == Note::kept);
  CHECK_FALSE(cleaned({Kind::null, "null", "null"}).value);
}

TEST_CASE("anything else is not a number") {
  CHECK(cleaned({Kind::boolean, "true", "true"}).note == Note::not_a_number);
  CHECK(cleaned({Kind::object, "{}", "{}"}).note == Note::not_a_number);
  CHECK(cleaned({Kind::array, "[1]", "[1]"}).token == "null");
  CHECK(cleaned(number("1e999")).note == Note::not_a_number);
}

TEST_CASE("the limits are in range") {
  CHECK(cleaned(number("0"), "x=0..100").note == Note::kept);
  CHECK(cleaned(number("100"), "x=0..100").note == Note::kept);
  CHECK(cleaned(number("100.0001"), "x=0..100").note == Note::out_of_range);
  CHECK(cleaned(number("-1e-9"), "x=0..100").note == Note::out_of_range);
}

TEST_CASE("out of range: null, or the nearer limit with its own digits") {
  CHECK(cleaned(number("200"), "x=0..1e2").token == "null");
  CHECK_FALSE(cleaned(number("200"), "x=0..1e2").value);
  const CleanValue high = cleaned(number("200"), "x=0.0..1e2", OutOfRange::clamp);
  CHECK(high.token == "1e2");
  CHECK(high.value == 100.0);
  const CleanValue low = cleaned(string("-200"), "x=0.0..1e2", OutOfRange::clamp);
  CHECK(low.token == "0.0");
  CHECK(low.note == Note::out_of_range);
}

TEST_CASE("a range's own action precedes the tool's") {
  CHECK(cleaned(number("-1"), "x=0..100:clamp").token == "0");
  CHECK(cleaned(number("-1"), "x=0..100:null", OutOfRange::clamp).token == "null");
}

TEST_CASE("a range may have one limit or none") {
  CHECK(cleaned(number("-1e9"), "x=..100").note == Note::kept);
  CHECK(cleaned(number("101"), "x=..100").note == Note::out_of_range);
  CHECK(cleaned(number("1e9"), "x=0..").note == Note::kept);
  CHECK(cleaned(number("-1"), "x=0..:clamp").token == "0");
}

TEST_CASE("ranges as users write them") {
  const auto rule = parse_range("a=b.c=-40.5..-10:clamp");
  CHECK(rule.field == "a=b.c");
  CHECK(rule.low->value == -40.5);
  CHECK(rule.high->token == "-10");
  CHECK(rule.action == OutOfRange::clamp);
  CHECK_FALSE(parse_range("x=1..2").action);

  CHECK(refusal("humidity") == "expected FIELD=LOW..HIGH, as in humidity=0..100");
  CHECK(refusal("=0..1") == "expected FIELD=LOW..HIGH, as in humidity=0..100");
  CHECK(refusal("x=0-1") == "expected FIELD=LOW..HIGH, as in humidity=0..100");
  CHECK(refusal("x=a..1") == "'a' is not a number");
  CHECK(refusal("x=0..1C") == "'1C' is not a number");
  CHECK(refusal("x=2..1") == "the lower limit is above the upper one");
  CHECK(refusal("x=0..1:drop") == "after the colon null, clamp, reject or flag is expected");
}

TEST_CASE("the usual ranges hold the records of the weather") {
  const auto& ranges = weir::weather_advise::default_ranges();
  REQUIRE(ranges.size() == 4);
  CHECK(ranges[0].field == "temperature_c");
  CHECK(cleaned(number("-89.2"), "x=-90..60").note == Note::kept);
  CHECK(ranges[0].low->value == -90);
  CHECK(ranges[0].high->value == 60);
  CHECK(ranges[1].high->value == 100);
  CHECK(ranges[2].low->value == 300);
  CHECK(ranges[2].high->value == 1100);
  CHECK(ranges[3].high->value == 115);
}
