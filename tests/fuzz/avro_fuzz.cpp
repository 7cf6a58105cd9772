// links: weir_avro weir_record
// Avro from anybody. The bytes before the first NUL are a schema, the others a message of it and a message of a fixed
// schema. Schemas and messages end in an error or a value within the limits; what is decoded is one JSON value, and its
// encoding decodes to the same JSON.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "avro/decoder.hpp"
#include "avro/encoder.hpp"
#include "avro/json_tree.hpp"
#include "fuzz_expect.hpp"

namespace {

using namespace weir::avro;

constexpr std::size_t most_text = 100'000;

// Its decoding is unambiguous: no union has two branches that the same JSON fits.
constexpr std::string_view known = R"({"type":"record","name":"R","fields":[
  {"name":"n","type":["null","long"]},{"name":"s","type":"string"},{"name":"d","type":"double"},{"name":"f","type":"float"},
  {"name":"b","type":"bytes"},{"name":"x","type":{"type":"fixed","name":"X","size":3}},
  {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},
  {"name":"t","type":{"type":"long","logicalType":"local-timestamp-micros"}},
  {"name":"day","type":{"type":"int","logicalType":"date"}},{"name":"at","type":{"type":"int","logicalType":"time-millis"}},
  {"name":"p","type":{"type":"bytes","logicalType":"decimal","precision":40,"scale":3}},
  {"name":"m","type":{"type":"map","values":{"type":"array","items":["null","R"]}}}]})";

/// A message's JSON, empty where it is refused.
std::string decoded(const std::shared_ptr<const Schema>& schema, std::string_view message) {
  Decoder decoder(schema, NanValues::rejected, {64, most_text});
  std::string out = "kept";
  if (!decoder.decode(message, out)) {
    expect(out == "kept" && !decoder.reason().empty());
    return {};
  }
  out.erase(0, 4);
  expect(out.size() <= most_text && out.find('\n') == std::string::npos);
  read_json_tree(out);  // throws where it is not JSON
  return out;
}

void check_known(std::string_view message) {
  static const auto schema = Schema::parse(known);
  const std::string json = decoded(schema, message);
  if (json.empty()) return;
  Encoder encoder(schema, UnknownFields::rejected);
  std::string again;
  // A time beyond the years that are read, or a decimal of more digits than the schema has, is refused; nothing else.
  if (!encoder.encode(json, again))
    return expect(encoder.reason().find(" is not a ") != std::string::npos ||
                  encoder.reason().find("more digits") != std::string::npos);
  expect(decoded(schema, again) == json);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const auto end = std::min(bytes.find('\0'), bytes.size());
  const std::string message = end < bytes.size() ? bytes.substr(end + 1) : std::string();
  check_known(message);
  std::shared_ptr<const Schema> schema;
  try {
    schema = Schema::parse(std::string_view(bytes).substr(0, end));
  } catch (const std::invalid_argument& error) {
    expect(*error.what() != '\0');
    return 0;
  }
  const std::string json = decoded(schema, message);
  Encoder encoder(schema);
  std::string out;
  if (!json.empty()) encoder.encode(json, out);
  encoder.encode(message, out);
  return 0;
}
