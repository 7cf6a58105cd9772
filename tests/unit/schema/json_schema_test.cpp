#include "schema/json_schema.hpp"

#include <stdexcept>
#include <string>

#include "catch.hpp"

using weir::schema::JsonSchema;

namespace {

/// All that is wrong with a text, or `good`.
std::string checked(const std::string& schema, const std::string& text) {
  JsonSchema compiled(schema);
  std::string reasons;
  const bool good = compiled.check(text, reasons);
  CHECK(good == reasons.empty());
  return good ? "good" : reasons;
}

/// Why a schema is refused, or `taken`.
std::string refusal(const std::string& schema) {
  try {
    const JsonSchema compiled(schema);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "taken";
}

std::string draft(int number, const std::string& members) {
  return R"({"$schema":"http://json-schema.org/draft-0)" + std::to_string(number) + R"(/schema#",)" + members + "}";
}

}  // namespace

TEST_CASE("every reason has its place and its keyword") {
  const std::string schema = R"({"required":["sensorId","value"],"properties":{"sensorId":{},"value":{"type":"number","maximum":14},
    "tags":{"items":{"type":"string"}},"a b":{"minLength":2}},"additionalProperties":false})";
  CHECK(checked(schema, R"({"sensorId":1,"value":7.5})") == "good");
  CHECK(checked(schema, R"({"value":71,"tags":["x",null],"a b":"","more":1})") ==
        R"($: required: sensorId is missing; $["a b"]: minLength: 0 characters, fewer than 2; )"
        R"($.tags[1]: type: null is not string; $.value: maximum: 71 is above 14; )"
        R"($: additionalProperties: more must not be there)");
}

TEST_CASE("numbers are compared with all their digits") {
  CHECK(checked(R"({"maximum":9007199254740992})", "9007199254740993") ==
        "$: maximum: 9007199254740993 is above 9007199254740992");
  CHECK(checked(R"({"multipleOf":0.1})", "0.3") == "good");
  CHECK(checked(R"({"multipleOf":0.1})", "0.35") != "good");
  CHECK(checked(R"({"multipleOf":0.01})", "1e300") == "good");
  CHECK(checked(R"({"multipleOf":7})", "123456789012345678901234567") != "good");
  CHECK(checked(R"({"enum":[9007199254740993]})", "9007199254740992") != "good");
  CHECK(checked(R"({"const":1})", "1.0") == "good");
  CHECK(checked(R"({"const":0})", "-0.0") == "good");
  CHECK(checked(R"({"minimum":0})", "-1e400") != "good");
}

TEST_CASE("drafts differ") {
  CHECK(checked(draft(4, R"("type":"integer")"), "1.0") == "$: type: 1.0 is not integer");
  CHECK(checked(draft(6, R"("type":"integer")"), "1.0") == "good");
  CHECK(checked(draft(4, R"("maximum":3,"exclusiveMaximum":true)"), "3") == "$: maximum: 3 is not below 3");
  CHECK(checked(draft(7, R"("exclusiveMaximum":3)"), "3") == "$: exclusiveMaximum: 3 is not below 3");
  CHECK(checked(draft(4, R"("const":1,"contains":{"type":"null"})"), "[2]") == "good");
  CHECK(checked(draft(6, R"("if":true,"then":false)"), "2") == "good");
  CHECK(checked(draft(7, R"("if":true,"then":false)"), "2") == "$: false: nothing is allowed here");
}

TEST_CASE("references within the file") {
  const std::string tree = R"({"$id":"http://x/tree","properties":{"child":{"$ref":"#"},"n":{"$ref":"http://x/tree#/definitions/n"}},
    "definitions":{"n":{"type":"number"}}})";
  CHECK(checked(tree, R"({"child":{"child":{"n":"one"}}})") == R"($.child.child.n: type: "one" is not number)");
  CHECK(refusal(R"({"$ref":"other.json"})").find("leads out of the file") != std::string::npos);
  CHECK(refusal(R"({"$ref":"#/definitions/x"})").find("no such place") != std::string::npos);
  CHECK(refusal(R"({"$ref":"#name"})").find("expected # and a path") != std::string::npos);
  CHECK(refusal(R"({"$ref":"#"})").find("circle") != std::string::npos);
  CHECK(refusal(R"({"allOf":[{"$ref":"#"}]})").find("leads back") != std::string::npos);
}

TEST_CASE("schemas that are refused") {
  CHECK(refusal("{") == "an object or array is not closed");
  CHECK(refusal("[]") == "not a JSON object");
  CHECK(refusal(R"({"$schema":"https://json-schema.org/draft/2020-12/schema"})").find("drafts 4, 6 and 7") !=
        std::string::npos);
  CHECK(refusal(R"({"unevaluatedProperties":false})").find("2019-09") != std::string::npos);
  CHECK(refusal(R"({"properties":{"unevaluatedProperties":{}}})") == "taken");
  CHECK(refusal(R"({"pattern":"("})").find("the pattern ( is not valid") != std::string::npos);
  CHECK(refusal(R"({"type":"nubmer"})").find("nubmer") != std::string::npos);
  CHECK(refusal(R"({"maximum":9007199254740993})").find("more digits") != std::string::npos);
  CHECK(refusal(R"({"multipleOf":0})") != "taken");
  CHECK(refusal(draft(4, R"("propertyNames":{})")).find("draft 4") != std::string::npos);
}

TEST_CASE("a record that takes long is refused, not waited for") {
  CHECK(checked(R"({"pattern":"^(a+)+$"})", '"' + std::string(40, 'a') + "b\"").find("too many steps") !=
        std::string::npos);
  std::string many = "[0";
  for (int i = 1; i < 100'000; ++i) many += ',' + std::to_string(i);
  CHECK(checked(R"({"uniqueItems":true})", many + "]") == "good");
  CHECK(checked(R"({"uniqueItems":true})", many + ",7.0]") != "good");
  std::string object = "{";
  for (int i = 0; i < 100'000; ++i) object += (i > 0 ? ",\"" : "\"") + std::to_string(i % 50'000) + "\":" + std::to_string(i);
  CHECK(checked(R"({"propertyNames":{"maxLength":5},"maxProperties":50000,"properties":{"1":{"const":50001}}})", object + "}") ==
        "good");
}

TEST_CASE("of members with the same name the last counts") {
  CHECK(checked(R"({"properties":{"a":{"const":{"c":1}}},"maxProperties":2})", R"({"a":[1,2],"b":{"x":[]},"a":{"c":1}})") ==
        "good");
}

TEST_CASE("formats") {
  CHECK(checked(R"({"format":"date-time"})", R"("2024-02-29T23:59:60.5+05:30")") == "good");
  CHECK(checked(R"({"format":"date-time"})", R"("2023-02-29T00:00:00Z")") ==
        R"($: format: "2023-02-29T00:00:00Z" is not a date-time)");
  CHECK(checked(R"({"format":"date"})", R"("2024-13-01")") != "good");
  CHECK(checked(R"({"format":"time"})", R"("24:00:00Z")") != "good");
  CHECK(checked(R"({"format":"ipv4"})", R"("10.0.0.256")") != "good");
  CHECK(checked(R"({"format":"ipv6"})", R"("fe80::1")") == "good");
  CHECK(checked(R"({"format":"uuid"})", R"("123e4567-e89b-12d3-a456-42661417400")") != "good");
  CHECK(checked(R"({"format":"reading"})", R"("x")") == "good");
  CHECK(checked(R"({"format":"date"})", "1") == "good");
}
