#include "avro_writer.hpp"

#include <memory>
#include <string>

#include "avro/decoder.hpp"
#include "catch.hpp"
#include "kept_log.hpp"

using namespace weir;
using namespace weir::kafka_pub;

namespace {

std::shared_ptr<const avro::Schema> schema() {
  return avro::Schema::parse(R"({"type":"record","name":"R","fields":[{"name":"id","type":"long"},
      {"name":"x","type":["null","double"],"default":null}]})");
}

/// What a reader sees of the payload, or why the record is rejected.
std::string written(AvroWriter& writer, std::string_view line) {
  const auto result = writer.write("t", line);
  if (result == AvroWriter::Written::rejected) return "rejected: " + writer.reason();
  REQUIRE(result == AvroWriter::Written::yes);
  std::string json;
  REQUIRE(avro::Decoder(schema()).decode(writer.payload(), json));
  return json;
}

}  // namespace

TEST_CASE("records are written by the schema that was given") {
  KeptLog log;
  AvroWriter writer({.schema = schema()}, log);
  CHECK(written(writer, R"({"x":21.5,"id":7})") == R"({"id":7,"x":21.5})");
  CHECK(written(writer, R"({"id":8})") == R"({"id":8,"x":null})");
  CHECK_THAT(written(writer, R"({"id":"a"})"), contains_text(R"(rejected: id: "a" is not a long)"));
  CHECK(written(writer, R"({"id":9})") == R"({"id":9,"x":null})");
}

TEST_CASE("fields that the schema does not have are rejected, or left out and counted") {
  KeptLog log;
  AvroWriter strict({.schema = schema()}, log);
  CHECK_THAT(written(strict, R"({"id":7,"more":1})"), contains_text("more"));
  AvroWriter lenient({.schema = schema(), .extra = ExtraFields::ignored}, log);
  CHECK(written(lenient, R"({"id":7,"more":1,"most":2})") == R"({"id":7,"x":null})");
  CountReport report;
  lenient.add_to(report);
  CHECK(report.text() == "2 fields left out that the schema does not have");
}

TEST_CASE("a record waits for a registry that is away") {
  KeptLog log;
  AvroWriter writer({.registry = registry::Settings{.url = "http://127.0.0.1:1"}}, log);
  while (log.messages.empty()) {
    REQUIRE(writer.write("t", "{}") == AvroWriter::Written::later);
    writer.wait(std::chrono::milliseconds(100));
  }
  CHECK_THAT(log.messages[0], contains_text("the registry is away"));
}

TEST_CASE("the record of an inferred schema is named for its subject") {
  CHECK(record_name("sensors.raw-value") == "sensors_raw_value");
  CHECK(record_name("2026-value") == "_2026_value");
  CHECK(record_name("").size() == 1);
}

TEST_CASE("the subject may have the topic in it") {
  CHECK(subject_of("{topic}-value", "a.b") == "a.b-value");
  CHECK(subject_of("readings", "t") == "readings");
  CHECK(subject_of("{topic}/{topic}", "t") == "t/t");
  CHECK_THROWS_AS(subject_of("{city}", "t"), std::invalid_argument);
  CHECK_THROWS_AS(subject_of("{city}{topic}", "t"), std::invalid_argument);
}
