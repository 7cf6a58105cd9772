#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "catch.hpp"
#include "record/control.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "time/timestamp.hpp"

using namespace weir;

TEST_CASE("an object is written member by member") {
  std::string out;
  ObjectWriter(out)
      .string("s", "a\"b\\\n\x01é")
      .number("d", 0.1)
      .integer("i", -5)
      .boolean("b", true)
      .null("n")
      .raw("r", "[1]")
      .end();
  CHECK(out == "{\"s\":\"a\\\"b\\\\\\n\\u0001é\",\"d\":0.1,\"i\":-5,\"b\":true,\"n\":null,\"r\":[1]}\n");
  out.clear();
  ObjectWriter(out)
      .number("x", std::numeric_limits<double>::quiet_NaN())
      .number("y", -std::numeric_limits<double>::infinity())
      .end();
  CHECK(out == "{\"x\":null,\"y\":null}\n");
  out.clear();
  ObjectWriter(out).begin_object("o").integer("a", 1).integer("b", 2).end_object().integer("c", 3).end();
  CHECK(out == "{\"o\":{\"a\":1,\"b\":2},\"c\":3}\n");
}

TEST_CASE("numbers: JSON's grammar and the nearest double") {
  for (const char* good :
       {"0", "-0", "1", "10", "1.5", "-1.5e10", "1E+5", "0.1", "123456789012345678901234567890", "1e-400"})
    CHECK(is_json_number(good));
  for (const char* bad :
       {"", "-", "+1", "01", "1.", ".1", "1e", "1e+", "0x10", "NaN", "inf", "1 ", " 1", "1,5", "--1", "1.5.5", "00"})
    CHECK_FALSE(is_json_number(bad));
  for (const char* text :
       {"0.1", "21.37", "123456789012345", "1234567890123456", "9007199254740993", "0.30000000000000004", "1e23",
        "4.35", "-0.000001", "999999999999999", "0.123456789012345", "1.7976931348623157e308", "5e-324"})
    CHECK(parse_json_number(text) == std::strtod(text, nullptr));
  CHECK(parse_json_number("1e400") == std::nullopt);
  CHECK(parse_json_number("1e-400") == 0.0);
  CHECK(std::signbit(*parse_json_number("-0")));
}

TEST_CASE("short numbers are read as all others are") {
  constexpr std::string_view alphabet = "00123456789.-+eE x";
  std::mt19937 random(1);
  std::string text;
  for (int i = 0; i < 200'000; ++i) {
    text.assign(1 + random() % 10, '0');
    for (char& c : text) c = alphabet[random() % (i % 2 == 0 ? 12 : alphabet.size())];
    const std::size_t size = text.size();
    text += "        ";
    const std::string_view number(text.data(), size);
    double quick = 0;
    double expected = 0;
    const bool is_quick = scan_short_number(text.data(), size, quick);
    const bool is_known = scan_json_number(number, expected) && !std::isnan(expected);
    INFO(number);
    REQUIRE(is_quick == (is_known && size - (number[0] == '-' ? 1 : 0) <= 8));
    if (is_quick) REQUIRE(std::bit_cast<std::uint64_t>(quick) == std::bit_cast<std::uint64_t>(expected));
  }
}

TEST_CASE("a number before a comma or a brace is found and read as all others are") {
  constexpr std::string_view alphabet = "00123456789.-+eE x";
  std::mt19937 random(2);
  std::string text;
  int found = 0;
  for (int i = 0; i < 200'000; ++i) {
    text.assign(1 + random() % 18, '0');
    for (char& c : text) c = alphabet[random() % (i % 2 == 0 ? 11 : alphabet.size())];
    const std::string number = text;
    const char last = ",} ]:"[random() % 5];
    text += last + std::string(16, "7,."[random() % 3]);
    std::size_t point = 0;
    const char* const end = short_number_end(text.data(), point);
    INFO(text);
    double expected = 0;
    const bool is_known = scan_json_number(number, expected) && !std::isnan(expected) && number.size() < 16;
    REQUIRE((end != nullptr) == (is_known && (last == ',' || last == '}')));
    if (end == nullptr) continue;
    ++found;
    REQUIRE(end == text.data() + number.size());
    REQUIRE(point == std::min(number.find('.'), number.size()));
    if (number.size() - (number[0] == '-' ? 1 : 0) > 8) continue;
    const double value = short_number_value(text.data(), number.size(), point);
    REQUIRE(std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(expected));
  }
  CHECK(found > 10'000);
}

TEST_CASE("a number is written with the fewest digits that read back as it") {
  const auto check = [](double value) {
    std::string out;
    append_number(out, value);
    INFO(out);
    REQUIRE(out == fmt::format("{}", value));
  };
  for (const double value : {0.0, -0.0, 0.0001, 0.00009, 0.1, 0.5, 1.0, 10.0, 999999999.0, 1e9, 999999999.9999,
                             123456789.12345, 0.30000000000000004, 1.00005, 4.35, 1e-5, 1e22, 5e-324})
    for (const double signed_value : {value, -value}) check(signed_value);
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const double whole = static_cast<double>(static_cast<std::int64_t>(random() >> (i % 40 + 14)));
    for (const double scale : {1.0, 10.0, 100.0, 1e3, 1e4, 1e5}) check(whole / scale);
    check(std::nextafter(whole / 100, 0.0));
    const double any = std::bit_cast<double>(random());
    if (std::isfinite(any)) check(any);
  }
}

TEST_CASE("a JSON string of any length, with an escape at any place") {
  for (std::size_t size = 0; size < 80; ++size) {
    const std::string plain(size, 'a');
    std::string out = "[";
    append_json_string(out, plain);
    CHECK(out == "[\"" + plain + "\"");
    for (std::size_t at = 0; at < size; ++at) {
      for (const auto& [raw, escaped] : {std::pair("\"", "\\\""), std::pair("\\", "\\\\"), std::pair("\x7f", "\\u007f"),
                                         std::pair("\x1f", "\\u001f"), std::pair("\xc3", "\xc3")}) {
        out.clear();
        append_json_string(out, plain.substr(0, at) + raw + plain.substr(at + 1));
        REQUIRE(out == '"' + plain.substr(0, at) + escaped + plain.substr(at + 1) + '"');
      }
    }
  }
}

TEST_CASE("a record is edited in place and at its end") {
  FieldSet fields;
  const FieldId a = fields.add("a"), b = fields.add("b"), c = fields.add("c");
  RecordParser parser(fields);
  Splicer splicer;
  const auto edited = [&](std::string_view line) {
    const Record& record = *parser.parse_copy(line, 1);
    std::string out;
    splicer.begin(record);
    splicer.set(record[c], "c", "true");
    splicer.set(record[b], "b", "\"new\"");
    splicer.set(record[a], "a", "null");
    splicer.write(out);
    return out;
  };
  CHECK(edited(R"({"a":1.0,"x":12345678901234567890,"b":"old"})") ==
        "{\"a\":null,\"x\":12345678901234567890,\"b\":\"new\",\"c\":true}\n");
  CHECK(edited("{}") == "{\"c\":true,\"b\":\"new\",\"a\":null}\n");
  CHECK(edited(R"({ "b" : 1 , "c" : [1,2] } )") == "{ \"b\" : \"new\" , \"c\" : true ,\"a\":null} \n");
  CHECK(edited("{ }") == "{ \"c\":true,\"b\":\"new\",\"a\":null}\n");
}

TEST_CASE("control lines") {
  std::string out;
  append_watermark(out, *TimeParser().parse("2026-01-01T00:05:00Z"));
  CHECK(out == "{\"@ctl\":\"watermark\",\"time\":\"2026-01-01T00:05:00Z\"}\n");
  out.pop_back();
  REQUIRE(is_control_line(out));
  const auto control = parse_control(out);
  REQUIRE(control);
  CHECK(control->type == Control::Type::watermark);
  CHECK(format_time(control->time) == "2026-01-01T00:05:00Z");
  CHECK(parse_control(R"({"@ctl":"note"})")->type == Control::Type::other);
  for (const char* bad : {R"({"@ctl":})", R"({"@ctl":5})", R"({"@ctl":"watermark"})", R"({"@ctl":"barrier"})",
                          R"({"@ctl":"barrier","epoch":-1})", R"({"@ctl":"barrier","epoch":1.5})",
                          R"({"@ctl":"barrier","epoch":9007199254740992})", R"({"@ctl":"begin","v":2,"run":"0"})",
                          R"({"@ctl":"restore","run":"00112233445566778899aabbccddeeff"})",
                          R"({"@ctl":"watermark","time":"soon"})", R"({"@ctl":"x")"})
    CHECK_FALSE(parse_control(bad).has_value());
}

TEST_CASE("the control lines of checkpoints are read as they are written") {
  const std::string run = "00112233445566778899aabbccddeeff";
  const auto read = [](std::string line) {
    line.pop_back();
    const auto control = parse_control(line);
    REQUIRE(control);
    return *control;
  };
  std::string begin;
  append_begin(begin, "p", run);
  CHECK(begin == "{\"@ctl\":\"begin\",\"v\":1,\"pipe\":\"p\",\"run\":\"" + run + "\"}\n");
  CHECK(read(begin).type == Control::Type::begin);
  CHECK(read(begin).run == run);
  std::string restore;
  append_restore(restore, run, 41);
  CHECK(read(restore).type == Control::Type::restore);
  CHECK(read(restore).epoch == 41);
  std::string middle;
  append_barrier(middle, 42, Barrier::middle, {});
  CHECK(middle == "{\"@ctl\":\"barrier\",\"epoch\":42}\n");
  CHECK_FALSE(read(middle).final);
  std::string last;
  append_barrier(last, 43, Barrier::final, std::chrono::milliseconds(1500));
  CHECK(read(last).epoch == 43);
  CHECK(read(last).final);
  CHECK(read(last).took == std::chrono::milliseconds(1500));
  CHECK_FALSE(parse_control(R"({"@ctl":"barrier","epoch":43,"took":"long"})"));
  CHECK_FALSE(parse_control(R"({"@ctl":"barrier","epoch":43,"took":-1})"));
  std::string end;
  append_end(end);
  CHECK(read(end).type == Control::Type::end);
}

TEST_CASE("base64 and UTF-8") {
  const auto base64 = [](std::string_view bytes) {
    std::string out;
    append_base64(out, bytes);
    return out;
  };
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(is_utf8("é"));
  CHECK_FALSE(is_utf8("\xff"));
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));
}
