#include "avro/decoder.hpp"

#include <string>
#include <string_view>

#include "avro/encoder.hpp"
#include "avro/framing.hpp"
#include "catch.hpp"

using namespace weir::avro;
using namespace std::string_literals;

namespace {

/// The JSON of a message, or `! ` and the reason.
std::string decoded(const std::string& schema, std::string_view message, NanValues nan = NanValues::rejected,
                    DecoderLimits limits = {}) {
  Decoder decoder(Schema::parse(schema), nan, limits);
  std::string out = "before";
  if (decoder.decode(message, out)) return out.substr(6);
  CHECK(out == "before");
  return "! " + decoder.reason();
}

/// JSON, encoded and decoded again.
std::string round_trip(const std::string& schema, std::string_view json) {
  Encoder encoder(Schema::parse(schema));
  std::string message;
  if (!encoder.encode(json, message)) return "! " + encoder.reason();
  return decoded(schema, message);
}

std::string one_field(std::string_view type) {
  return R"({"type":"record","name":"R","fields":[{"name":"v","type":)" + std::string(type) + "}]}";
}

}  // namespace

TEST_CASE("what is encoded comes back", "[avro]") {
  const std::string schema = R"({"type":"record","name":"weir.Reading","fields":[
    {"name":"id","type":"string"},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"}},
    {"name":"value","type":["null","double"],"default":null},{"name":"f","type":"float"},
    {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":30,"scale":3}},
    {"name":"raw","type":"bytes"},{"name":"ok","type":"boolean"},
    {"name":"level","type":{"type":"enum","name":"Level","symbols":["low","high"]}},
    {"name":"tags","type":{"type":"map","values":"string"}},{"name":"list","type":{"type":"array","items":["null","long"]}},
    {"name":"day","type":{"type":"int","logicalType":"date"}},
    {"name":"at","type":{"type":"long","logicalType":"time-micros"}},
    {"name":"local","type":{"type":"long","logicalType":"local-timestamp-micros"}},
    {"name":"u","type":{"type":"fixed","name":"U","size":16,"logicalType":"uuid"}}]})";
  const std::string json =
      R"({"id":"a\"ä","time":"2026-01-31T12:00:00.250Z","value":21.4,"f":0.1,"price":-123456789012345678901234.500,)"
      R"("raw":"\u0000aÿ","ok":true,"level":"high","tags":{"k":"v","":"w"},"list":[1,null,-3],"day":"2026-01-31",)"
      R"("at":"23:59:59.000001","local":"2026-01-31T12:00:00","u":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"})";
  CHECK(round_trip(schema, json) == json);
}

TEST_CASE("decimals keep their decimals", "[avro]") {
  const std::string money = one_field(R"({"type":"bytes","logicalType":"decimal","precision":40,"scale":2})");
  for (const char* const number :
       {"0.00", "0.05", "-0.05", "12.30", "-128.00", "1.27", "1.28", "-1.28", "-1.29", "92233720368547758.07",
        "-92233720368547758.08", "92233720368547758.08", "12345678901234567890123456789012345678.90",
        "-12345678901234567890123456789012345678.90"})
    CHECK(round_trip(money, "{\"v\":"s + number + "}") == "{\"v\":"s + number + "}");
  CHECK(decoded(money, "\0"s) == R"({"v":0.00})");
  CHECK(decoded(money, "\x04\xff\xff"s) == R"({"v":-0.01})");  // more bytes than needed
  CHECK(decoded(money, "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe"s) == R"({"v":-0.02})");
}

TEST_CASE("times far away are still text", "[avro]") {
  const std::string millis = one_field(R"({"type":"long","logicalType":"timestamp-millis"})");
  CHECK(round_trip(millis, R"({"v":253402300799999})") == R"({"v":"9999-12-31T23:59:59.999Z"})");
  CHECK(round_trip(millis, R"({"v":-62135596800000})") == R"({"v":"0001-01-01T00:00:00Z"})");
  CHECK(round_trip(millis, R"({"v":253402300800000})") ==
        "! v: 253402300800000 is not a timestamp-millis (byte 7 of 7)");
  CHECK(round_trip(millis, R"({"v":-9223372036854775808})") ==
        "! v: -9223372036854775808 is not a timestamp-millis (byte 10 of 10)");
  CHECK(round_trip(one_field(R"({"type":"int","logicalType":"date"})"), R"({"v":2147483647})") ==
        "! v: 2147483647 is not a date (byte 5 of 5)");
  CHECK(round_trip(one_field(R"({"type":"int","logicalType":"time-millis"})"), R"({"v":86400000})") ==
        "! v: 86400000 is not a time-millis (byte 4 of 4)");
}

TEST_CASE("NaN is refused, or null", "[avro]") {
  const std::string schema = one_field("\"float\"");
  CHECK(decoded(schema, "\0\0\xc0\x7f"s) == "! v: nan is a float, which JSON does not have (byte 4 of 4)");
  CHECK(decoded(schema, "\0\0\x80\xff"s) == "! v: -inf is a float, which JSON does not have (byte 4 of 4)");
  CHECK(decoded(schema, "\0\0\xc0\x7f"s, NanValues::null) == R"({"v":null})");
}

TEST_CASE("blocks may be several, and have their size before them", "[avro]") {
  const std::string list = one_field(R"({"type":"array","items":"int"})");
  CHECK(decoded(list, "\x02\x02\x01\x02\x04\x00"s) == R"({"v":[1,2]})");
  CHECK(decoded(list, "\x02\x02\x02\x04\x00"s) == R"({"v":[1,2]})");
  const std::string map = one_field(R"({"type":"map","values":"int"})");
  CHECK(decoded(map, "\x01\x06\x02\x61\x02\x00"s) == R"({"v":{"a":1}})");
}

TEST_CASE("a message that is cut, or goes on, is refused with the place", "[avro]") {
  const std::string schema = R"({"type":"record","name":"R","fields":[{"name":"a","type":"string"},
    {"name":"b","type":{"type":"array","items":{"type":"record","name":"I","fields":[{"name":"x","type":"double"}]}}}]})";
  Encoder encoder(Schema::parse(schema));
  std::string message;
  REQUIRE(encoder.encode(R"({"a":"abc","b":[{"x":1},{"x":2}]})", message));
  for (std::size_t size = 0; size < message.size(); ++size) {
    const std::string reason = decoded(schema, std::string_view(message).substr(0, size));
    CHECK_THAT(reason, contains_text("the message ends in the middle of a value"));
  }
  CHECK(decoded(schema, message.substr(0, 16)) ==
        "! b[1].x: the message ends in the middle of a value (byte 13 of 16)");
  CHECK(decoded(schema, message + "ab") == "! 2 bytes are left after the value (byte 22 of 24)");
}

TEST_CASE("a hostile message is an error, and never more memory than the limit", "[avro]") {
  const std::string huge = "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"s;   // 2^63 - 1
  const std::string least = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s;  // -2^63
  const std::string nulls = one_field(R"({"type":"array","items":"null"})");
  CHECK(decoded(nulls, huge, NanValues::rejected, {64, 1000}) ==
        "! v: the record is longer than 1000 bytes (byte 10 of 10)");
  CHECK(decoded(nulls, least + "\0"s) == "! v: a block of a negative length (byte 11 of 11)");
  CHECK(decoded(one_field("\"string\""), huge) == "! v: the message ends in the middle of a value (byte 10 of 10)");
  CHECK(decoded(one_field("\"bytes\""), least) == "! v: a length of -9223372036854775808 (byte 10 of 10)");
  CHECK(decoded(one_field("\"long\""), std::string(11, '\xff')) ==
        "! v: a number has more than 64 bits (byte 10 of 11)");
  CHECK(decoded(one_field("\"int\""), huge) ==
        "! v: 9223372036854775807 is beyond the range of an int (byte 10 of 10)");
  CHECK(decoded(one_field(R"(["null","int"])"), "\x04"s) == "! v: branch 2 of a union of 2 (byte 1 of 1)");
  CHECK(decoded(one_field(R"({"type":"enum","name":"E","symbols":["A"]})"), "\x01"s) ==
        "! v: symbol -1 of E, which has 1 (byte 1 of 1)");
  CHECK(decoded(one_field("\"boolean\""), "\x02"s) == "! v: a byte that is not a boolean (byte 1 of 1)");
  CHECK(decoded(one_field("\"string\""), "\x02\xff"s) == "! v: a string is not UTF-8 (byte 2 of 2)");
  const std::string endless = R"({"type":"record","name":"R","fields":[{"name":"r","type":"R"}]})";
  CHECK_THAT(decoded(endless, ""), contains_text("nested too deeply"));
  // Twice as many records at each level, none of which takes a byte.
  std::string tree = R"({"type":"record","name":"A0","fields":[]})";
  for (int i = 1; i <= 20; ++i) {
    const std::string name = "A" + std::to_string(i);
    tree = R"({"type":"record","name":")" + name + R"(","fields":[{"name":"a","type":)" + tree +
           R"(},{"name":"b","type":"A)" + std::to_string(i - 1) + "\"}]}";
  }
  CHECK_THAT(decoded(tree, "", NanValues::rejected, {64, 10'000}),
             contains_text("the record is longer than 10000 bytes"));
}

TEST_CASE("the frame of a registry's message", "[avro]") {
  std::string message;
  append_frame(message, 0x01020304);
  message += "payload";
  CHECK(message == "\0\1\2\3\4payload"s);
  const auto framed = read_frame(message);
  REQUIRE(framed);
  CHECK(framed->schema_id == 0x01020304);
  CHECK(framed->payload == "payload");
  CHECK(read_frame("\0\0\0\0\7"s)->payload.empty());
  CHECK_FALSE(read_frame("\0\0\0\7"s));
  CHECK_FALSE(read_frame("\1\0\0\0\7"s));
  CHECK_FALSE(read_frame("\0\xff\0\0\7"s));
}
