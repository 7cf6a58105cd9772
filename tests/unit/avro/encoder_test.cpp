#include "avro/encoder.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "avro/decoder.hpp"
#include "catch.hpp"

using namespace weir::avro;

namespace {

/// A schema of one field `v`, whose type is given as JSON.
std::string one_field(std::string_view type) {
  return R"({"type":"record","name":"R","fields":[{"name":"v","type":)" + std::string(type) + "}]}";
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

/// The encoding in hexadecimal digits, or `! ` and the reason.
std::string encoded(const std::string& schema, std::string_view json) {
  Encoder encoder(Schema::parse(schema));
  std::string out = "before";
  if (encoder.encode(json, out)) return hex(out.substr(6));
  CHECK(out == "before");
  return "! " + encoder.reason();
}

std::string of_type(std::string_view type, std::string_view value) {
  return encoded(one_field(type), "{\"v\":" + std::string(value) + "}");
}

struct Case {
  std::string type;  ///< its name, or its schema as JSON
  const char* value;
  const char* bytes;  ///< as encoded() gives them
};

void check_encodings(const std::vector<Case>& cases) {
  for (const auto& [type, value, bytes] : cases) {
    CAPTURE(type, value);
    const bool is_json = type.find_first_of("[{") == 0;
    CHECK(of_type(is_json ? type : '"' + type + '"', value) == bytes);
  }
}

}  // namespace

TEST_CASE("numbers have the bytes of the specification", "[avro]") {
  // Apache Avro 1.11 specification, "Binary Encoding".
  check_encodings({
      {"long", "0", "00"},
      {"long", "-1", "01"},
      {"long", "1", "02"},
      {"long", "-64", "7f"},
      {"long", "64", "8001"},
      {"long", "9223372036854775807", "feffffffffffffffff01"},
      {"long", "-9223372036854775808", "ffffffffffffffffff01"},
      {"int", "-2147483648", "ffffffff0f"},
      {"string", R"("foo")", "06666f6f"},
      {"double", "1", "000000000000f03f"},
      {"float", "1.5", "0000c03f"},
      {"boolean", "true", "01"},
      {"null", "null", ""},
      {R"({"type":"array","items":"long"})", "[3,27]", "04063600"},
      {R"({"type":"map","values":"long"})", R"({"a":1})", "0202610200"},
      {R"(["null","string"])", "null", "00"},
      {R"(["null","string"])", R"("a")", "020261"},
  });
}

TEST_CASE("integers are whole numbers in their range", "[avro]") {
  CHECK(of_type(R"("int")", "5.0") == "0a");
  CHECK(of_type(R"("long")", "5e3") == of_type(R"("long")", "5000"));
  check_encodings({
      {"long", "-9.223372036854775808e18", "ffffffffffffffffff01"},
      {"int", "5.5", "! v: 5.5 is not an int"},
      {"int", "2147483648", "! v: 2147483648 is beyond the range of an int"},
      {"long", "9223372036854775808", "! v: 9223372036854775808 is beyond the range of a long"},
      {"long", "1e300", "! v: 1e300 is beyond the range of a long"},
      {"long", "\"5\"", "! v: \"5\" is not a long"},
      {"float", "3.5e38", "! v: 3.5e38 is beyond the range of a float"},
      {"float", "3.4028234663852886e38", "ffff7f7f"},
      {"double", "1e400", "! v: 1e400 is beyond the range of a double"},
  });
}

TEST_CASE("a refusal names the path and the type", "[avro]") {
  const std::string schema = R"({"type":"record","name":"S","fields":[
    {"name":"id","type":"string"},
    {"name":"readings","type":{"type":"array","items":{"type":"record","name":"Reading","fields":[
      {"name":"value","type":"double"},{"name":"tags","type":{"type":"map","values":["null","int"]},"default":{}}]}}}]})";
  CHECK(encoded(schema, R"({"id":"a","readings":[{"value":1},{"value":2},{"value":"abc"}]})") ==
        "! readings[2].value: \"abc\" is not a double");
  CHECK(encoded(schema, R"({"id":"a","readings":[{"value":1,"tags":{"x y":1.5}}]})") ==
        "! readings[0].tags.x y: 1.5 is not an int");
  CHECK(encoded(schema, R"({"id":"a","readings":[{}]})") ==
        "! readings[0].value: the field is missing and has no default: it takes a double");
  CHECK(encoded(schema, R"({"id":"a","readings":[ {"value" : {"a":1} } ]})") ==
        "! readings[0].value: {\"a\":1} is not a double");
  CHECK(encoded(schema, R"({"id":"a","readings":5})") == "! readings: 5 is not an array");
  CHECK(encoded(schema, R"({"id":null,"readings":[]})") == "! id: null is not a string");
  CHECK(encoded(schema, "[]") == "! [] is not a record S");
  CHECK(encoded(schema, R"({"id":"a","readings":[]} {})") == "! more than one JSON document on the line");
  CHECK(encoded(schema, R"({"id":"a","readings":[)") == "! an object or array is not closed");
  CHECK(encoded(schema, R"({"id":truth,"readings":[]})") == "! id: a word that is neither true, false nor null");
}

TEST_CASE("a missing field takes its default, or null", "[avro]") {
  CHECK(encoded(one_field(R"("int","default":7)"), "{}") == "0e");
  CHECK(encoded(one_field(R"(["null","int"])"), "{}") == "00");
  CHECK(encoded(one_field(R"(["int","null"])"), "{}") == "02");
  CHECK(encoded(one_field(R"(["int","null"],"default":5)"), "{}") == "000a");
  CHECK(encoded(one_field(R"("bytes","default":"\u00ff")"), "{}") == "02ff");
  CHECK(encoded(one_field(R"({"type":"bytes","logicalType":"decimal","precision":4,"scale":2},"default":"\u0001")"),
                "{}") == "0201");
  CHECK(encoded(one_field(R"({"type":"array","items":"int"},"default":[1,2])"), "{}") == "04020400");
  const std::string inner =
      R"({"type":"record","name":"I","fields":[{"name":"a","type":"int","default":1},{"name":"b","type":"int"}]})";
  CHECK(encoded(one_field(inner + R"(,"default":{"b":2})"), "{}") == "0204");
  CHECK(encoded(one_field(R"("int")"), "{}") == "! v: the field is missing and has no default: it takes an int");
  CHECK(encoded(one_field(R"(["int","string"])"), "{}") ==
        "! v: the field is missing and has no default: it takes any of int, string");
}

TEST_CASE("members of other names are counted, or refused", "[avro]") {
  const std::string schema = one_field(R"("int")");
  Encoder encoder(Schema::parse(schema));
  std::string out;
  REQUIRE(encoder.encode(R"({"x":[1,{"y":2}],"v":1,"z":null})", out));
  CHECK(encoder.unknown_fields() == 2);
  CHECK(encoder.unknown_field() == "x");
  REQUIRE(encoder.encode(R"({"v":1})", out));
  CHECK(encoder.unknown_fields() == 0);
  CHECK(hex(out) == "0202");
  Encoder strict(Schema::parse(schema), UnknownFields::rejected);
  CHECK_FALSE(strict.encode(R"({"v":1,"z":null})", out));
  CHECK(strict.reason() == "z: the record R has no such field");
}

TEST_CASE("members come in any order, with escapes, and the last of a name counts", "[avro]") {
  const std::string schema =
      R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"string"}]})";
  CHECK(encoded(schema, R"({"b":"x","a":1})") == "020278");
  CHECK(encoded(schema, R"({ "\u0062" : "\u00e4\n" , "a" : 1 })") == "0206c3a40a");
  CHECK(encoded(schema, R"({"a":5,"b":"x","a":1})") == "020278");
}

TEST_CASE("a union takes the first branch that fits", "[avro]") {
  const std::string numbers = R"(["null","int","long","double","string"])";
  check_encodings({
      {numbers, "1", "0202"},
      {numbers, "4294967296", "048080808020"},
      {numbers, "1.0", "06000000000000f03f"},
      {numbers, "\"1\"", "080231"},
      {numbers, "true", "! v: true is not any of null, int, long, double, string"},
      {numbers, "[]", "! v: [] is not any of null, int, long, double, string"},
      {R"(["null","long","string"])", "5.0", "020a"},  // nothing fits better
      {R"(["bytes","string"])", R"("a")", "020261"},
      {R"(["null","bytes"])", R"("\u00ff")", "0202ff"},
      {R"([{"type":"enum","name":"E","symbols":["A","B"]},"string"])", R"("B")", "0002"},
      {R"([{"type":"enum","name":"E","symbols":["A","B"]},"string"])", R"("C")", "020243"},
      {R"([{"type":"long","logicalType":"timestamp-millis"},"string"])", R"("1970-01-01T00:00:00.001Z")", "0002"},
  });
}

TEST_CASE("a union takes the Avro JSON encoding", "[avro]") {
  check_encodings({
      {R"(["null","string"])", R"({"string":"a"})", "020261"},
      {R"(["null","int","long"])", R"({"long":1})", "0402"},
      {R"(["null",{"type":"map","values":"string"},"string"])", R"({"string":"a"})", "02020c737472696e67026100"},
  });
  const std::string record = R"(["null",{"type":"record","name":"x.I","fields":[{"name":"a","type":"int"}]}])";
  check_encodings({
      {record, R"({"x.I":{"a":1}})", "0202"},
      {record, R"({"a":1})", "0202"},
      {record, R"({"x.I":{"a":1},"b":2})", "! v: an object of more than one member is not any of null, x.I"},
      {record, R"({"x.I":{"a":"b"}})", "! v.a: \"b\" is not an int"},
  });
}

TEST_CASE("an object in a union is the record that has most of its members", "[avro]") {
  const std::string shapes = R"(["null",
    {"type":"record","name":"A","fields":[{"name":"x","type":"int"}]},
    {"type":"record","name":"B","fields":[{"name":"x","type":"int"},{"name":"y","type":"int"}]},
    {"type":"map","values":"int"}])";
  check_encodings({
      {shapes, R"({"x":1})", "0202"},
      {shapes, R"({"x":1,"y":2})", "040204"},
      {shapes, R"({"z":1})", "0602027a0200"},
  });
}

TEST_CASE("decimals are exact", "[avro]") {
  const std::string money = R"({"type":"bytes","logicalType":"decimal","precision":6,"scale":2})";
  check_encodings({
      {money, "12.3", "0404ce"},
      {money, "\"12.30\"", "0404ce"},
      {money, "-1.27", "0281"},
      {money, "-1.28", "04ff80"},  // as fastavro
      {money, "1.28", "040080"},
      {money, "0", "0200"},
      {money, "-0.00", "0200"},
      {money, "1.2e3", "0601d4c0"},
      {money, "12.345", "! v: 12.345 has more decimals than a decimal(6,2)"},
      {money, "12345.6", "! v: 12345.6 has more digits than a decimal(6,2)"},
      {money, "1e999999999999999999999", "! v: 1e999999999999999999999 has more digits than a decimal(6,2)"},
      {money, "\"abc\"", "! v: \"abc\" is not a decimal(6,2)"},
  });
  const std::string wide = R"({"type":"fixed","name":"W","size":16,"logicalType":"decimal","precision":38,"scale":0})";
  CHECK(of_type(wide, "-1") == "ffffffffffffffffffffffffffffffff");
  CHECK(of_type(wide, "99999999999999999999999999999999999999") == "4b3b4ca85a86c47a098a223fffffffff");
  const std::string narrow = R"({"type":"fixed","name":"N","size":1,"logicalType":"decimal","precision":3,"scale":0})";
  CHECK(of_type(narrow, "127") == "7f");
  CHECK(of_type(narrow, "128") == "! v: 128 has more digits than a decimal(3,0)");
}

TEST_CASE("dates and times are numbers since 1970", "[avro]") {
  const auto logical = [](const char* type, const char* name) {
    return std::string(R"({"type":")") + type + R"(","logicalType":")" + name + "\"}";
  };
  const std::string millis = logical("long", "timestamp-millis");
  check_encodings({
      {millis, R"("1970-01-01T00:00:01.5Z")", "b817"},
      {millis, R"("1970-01-01T01:00:00+01:00")", "00"},
      {millis, R"("1969-12-31T23:59:59.9999Z")", "01"},  // cut, not towards zero
      {millis, "1500", "b817"},
      {millis, R"("yesterday")", "! v: \"yesterday\" is not a timestamp-millis"},
      {millis, R"("1500")", "! v: \"1500\" is not a timestamp-millis"},
      {logical("long", "timestamp-micros"), R"("1970-01-01T00:00:00.000001Z")", "02"},
      {logical("long", "timestamp-nanos"), R"("1970-01-01T00:00:00.000000001Z")", "02"},
      {logical("int", "date"), R"("1970-01-02")", "02"},
      {logical("int", "date"), R"("1969-12-31")", "01"},
      {logical("int", "date"), R"("1970-02-30")", "! v: \"1970-02-30\" is not a date"},
      {logical("int", "time-millis"), R"("00:00:00.001")", "02"},
      {logical("long", "time-micros"), R"("00:00:01")", "80897a"},
      {logical("int", "time-millis"), R"("24:00:00")", "! v: \"24:00:00\" is not a time-millis"},
      {logical("int", "time-millis"), R"("10:00:00Z")", "! v: \"10:00:00Z\" is not a time-millis"},
  });
  const std::string local = logical("long", "local-timestamp-millis");
  CHECK(of_type(local, R"("1970-01-01T00:00:01")") == "d00f");
  CHECK(of_type(local, R"("1970-01-01T00:00:01Z")") == "! v: \"1970-01-01T00:00:01Z\" is not a local-timestamp-millis");
}

TEST_CASE("bytes, fixed and uuid", "[avro]") {
  CHECK(of_type(R"("bytes")", R"("a\u00ff")") == "0461ff");
  CHECK(of_type(R"("bytes")", R"("€")") == "! v: \"€\" has characters beyond U+00FF and is not bytes");
  const std::string two = R"({"type":"fixed","name":"F","size":2})";
  CHECK(of_type(two, R"("ab")") == "6162");
  CHECK(of_type(two, R"("abc")") == "! v: \"abc\" has not the length of a fixed F of 2 bytes");
  const std::string uuid = R"({"type":"string","logicalType":"uuid"})";
  CHECK(of_type(uuid, R"("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")").substr(0, 6) == "486638");
  CHECK(of_type(uuid, R"("f81d4fae")") == "! v: \"f81d4fae\" is not a uuid");
  CHECK(of_type(R"({"type":"fixed","name":"U","size":16,"logicalType":"uuid"})",
                R"("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")") == "f81d4fae7dec11d0a76500a0c91e6bf6");
  const std::string colour = R"({"type":"enum","name":"Colour","symbols":["red","blue"]})";
  CHECK(of_type(colour, R"("blue")") == "02");
  CHECK(of_type(colour, R"("grey")") == "! v: \"grey\" is not a symbol of Colour");
}

TEST_CASE("a recursive record ends where the JSON ends, 64 deep at most", "[avro]") {
  const std::string list =
      R"({"type":"record","name":"L","fields":[{"name":"n","type":"int"},{"name":"next","type":["null","L"]}]})";
  CHECK(encoded(list, R"({"n":1,"next":{"n":2}})") == "02020400");
  std::string deep = "{\"n\":1}";
  for (int i = 1; i < 64; ++i) deep = "{\"n\":1,\"next\":" + deep + "}";
  CHECK(encoded(list, deep).size() == 64 * 4);
  CHECK(encoded(list, "{\"n\":1,\"next\":" + deep + "}") == "! nested too deeply");
}
