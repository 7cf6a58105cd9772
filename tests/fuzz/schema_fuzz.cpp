// links: weir_schema weir_record
// A schema and a record from anybody: the bytes before the first NUL are a schema, the others a record. Each ends in an error or a verdict
// with reasons, and the verdict of a record is the same again. A fixed schema of every keyword checks the record too.
#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "fuzz_expect.hpp"
#include "schema/json_schema.hpp"

namespace {

using weir::schema::JsonSchema;

const std::string known = R"({"type":["object","array","number"],"minProperties":1,"maxProperties":50,"required":["a"],
  "properties":{"a":{"minimum":0,"exclusiveMaximum":10,"multipleOf":0.1},"b":{"pattern":"^(x+)+$","minLength":1,"format":"date-time"},
    "c":{"items":[{"const":1},{"enum":[null,{"k":[1.5]}]}],"additionalItems":{"$ref":"#"},"uniqueItems":true,"contains":{"type":"integer"}}},
  "patternProperties":{"^p":{"oneOf":[{"type":"string"},{"maxLength":3}]}},"additionalProperties":{"not":{"type":"boolean"}},
  "propertyNames":{"maxLength":20},"dependencies":{"a":["b"],"b":{"anyOf":[{"minProperties":2},{"maxProperties":9}]}},
  "if":{"required":["c"]},"then":{"minProperties":2},"else":{"maxProperties":3}})";

void check(JsonSchema& schema, const std::string& record) {
  std::string first;
  std::string second;
  const bool good = schema.check(record, first);
  expect(good == first.empty());
  expect(schema.check(record, second) == good && first == second);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const auto end = std::min(bytes.find('\0'), bytes.size());
  const std::string record = end < bytes.size() ? bytes.substr(end + 1) : std::string();
  static JsonSchema fixed(known);
  check(fixed, record);
  try {
    JsonSchema schema(bytes.substr(0, end));
    check(schema, record);
  } catch (const std::invalid_argument& error) {
    expect(*error.what() != '\0');
  }
  return 0;
}
