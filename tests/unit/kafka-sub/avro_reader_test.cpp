#include "avro_reader.hpp"

#include <memory>
#include <string>

#include "avro/encoder.hpp"
#include "catch.hpp"
#include "kept_log.hpp"

using namespace weir;
using namespace weir::kafka_sub;
using namespace std::literals;

namespace {

std::shared_ptr<const avro::Schema> schema() {
  return avro::Schema::parse(R"({"type":"record","name":"R","fields":[{"name":"id","type":"long"},
      {"name":"x","type":["null","double"]}]})");
}

std::string encoded(const std::string& json) {
  std::string bytes;
  REQUIRE(avro::Encoder(schema()).encode(json, bytes));
  return bytes;
}

/// The payload's JSON, or why it is rejected.
std::string read(AvroReader& reader, std::string_view payload) {
  REQUIRE(reader.read(payload) != AvroReader::Read::later);
  CHECK_FALSE(reader.awaits_schema());
  return reader.read(payload) == AvroReader::Read::yes ? std::string(reader.json()) : "rejected: " + reader.reason();
}

}  // namespace

TEST_CASE("payloads are read by the schema that was given") {
  KeptLog log;
  AvroReader reader({.schema = schema()}, avro::NanValues::rejected, 1000, log);
  CHECK(read(reader, encoded(R"({"id":7,"x":21.5})")) == R"({"id":7,"x":21.5})");
  CHECK(read(reader, encoded(R"({"id":8})")) == R"({"id":8,"x":null})");
  CHECK_THAT(read(reader, "\x0e"), contains_text("rejected: x: "));
  CHECK_THAT(read(reader, encoded(R"({"id":8})") + "more"), contains_text("rejected: "));
  CHECK_THAT(read(reader, ""), contains_text("rejected: id: "));
  CHECK(read(reader, encoded(R"({"id":9})")) == R"({"id":9,"x":null})");
}

TEST_CASE("NaN is rejected or null, and the JSON has a longest size") {
  const std::string nan = "\x0e\x02"s + "\0\0\0\0\0\0\xf8\x7f"s;
  KeptLog log;
  AvroReader strict({.schema = schema()}, avro::NanValues::rejected, 1000, log);
  CHECK_THAT(read(strict, nan), contains_text("rejected: x: "));
  AvroReader lenient({.schema = schema()}, avro::NanValues::null, 1000, log);
  CHECK(read(lenient, nan) == R"({"id":7,"x":null})");
  AvroReader small({.schema = schema()}, avro::NanValues::null, 10, log);
  CHECK_THAT(read(small, nan), contains_text("rejected: "));
}

TEST_CASE("with a registry a payload without a frame is rejected at once") {
  KeptLog log;
  AvroReader reader({.registry = registry::Settings{.url = "http://127.0.0.1:1"}}, avro::NanValues::rejected, 99, log);
  for (const std::string& payload : {R"({"id":7})"s, ""s, "\0\0\0\x01"s, "\0\xff\0\0\0"s})
    CHECK_THAT(read(reader, payload), contains_text("rejected: the payload has no schema number in front"));
  CHECK(log.messages.empty());
}

TEST_CASE("a payload waits for a registry that is away") {
  KeptLog log;
  AvroReader reader({.registry = registry::Settings{.url = "http://127.0.0.1:1"}}, avro::NanValues::rejected, 99, log);
  while (log.messages.empty()) {
    REQUIRE(reader.read("\0\0\0\0\1x"sv) == AvroReader::Read::later);
    CHECK(reader.awaits_schema());
    reader.wait({}, std::chrono::milliseconds(100));
  }
  CHECK_THAT(log.messages[0], contains_text("the registry is away"));
  CHECK_THAT(read(reader, "x"), contains_text("rejected: "));
}
