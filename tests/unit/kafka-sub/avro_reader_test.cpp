#include "avro_reader.hpp"

#include <memory>
#include <string>

#include "avro/encoder.hpp"
#include "catch.hpp"
#include "cli/errors.hpp"
#include "kept_log.hpp"
#include "scripted_server.hpp"

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
  AvroReader::Read result = reader.read(payload);
  for (; result == AvroReader::Read::later; result = reader.read(payload)) {
    CHECK(reader.awaits_schema());
    reader.wait({}, std::chrono::seconds(1));
  }
  CHECK_FALSE(reader.awaits_schema());
  return result == AvroReader::Read::yes ? std::string(reader.json()) : "rejected: " + reader.reason();
}

/// A registry's answer with the schema of this test.
ScriptedServer::Answer found() {
  return {200, R"({"id":7,"version":2,"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[)"
               R"({\"name\":\"id\",\"type\":\"long\"},{\"name\":\"x\",\"type\":[\"null\",\"double\"]}]}"})"};
}
const ScriptedServer::Answer not_found{404, R"({"error_code":40403,"message":"Schema not found"})"};

SchemaSource source_of(const ScriptedServer& server) { return {.registry = registry::Settings{.url = server.url()}}; }

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

TEST_CASE("payloads without a frame have the one schema of the registry that was asked for") {
  using Kind = registry::Question::Kind;
  const auto [question, path] = GENERATE(table<registry::Question, std::string>(
      {{{.kind = Kind::latest, .subject = "s"}, "GET /subjects/s/versions/latest "},
       {{.kind = Kind::by_id, .id = 7}, "GET /schemas/ids/7 "}}));
  ScriptedServer server({found()});
  KeptLog log;
  SchemaSource source = source_of(server);
  source.only = question;
  AvroReader reader(source, avro::NanValues::rejected, 99, log);
  CHECK(read(reader, encoded(R"({"id":7,"x":21.5})")) == R"({"id":7,"x":21.5})");
  // The payload of id 0 begins as a frame does, with a zero byte.
  CHECK(read(reader, encoded(R"({"id":0,"x":1.5})")) == R"({"id":0,"x":1.5})");
  CHECK_THAT(read(reader, ""), contains_text("rejected: id: "));
  REQUIRE(server.requests().size() == 1);
  CHECK_THAT(server.requests()[0], contains_text(path));
}

TEST_CASE("a subject that the registry does not have, or cannot be read by, is wrong usage") {
  ScriptedServer server({not_found, {200, R"({"id":7,"schema":"syntax","schemaType":"PROTOBUF"})"}});
  KeptLog log;
  SchemaSource source = source_of(server);
  source.only = {.kind = registry::Question::Kind::latest, .subject = "s"};
  AvroReader reader(source, avro::NanValues::rejected, 99, log);
  CHECK_THROWS_AS(read(reader, "x"), cli::UsageError);
  CHECK_THROWS_WITH(read(reader, "x"), contains_text("is of type PROTOBUF"));
}

TEST_CASE("a schema that the registry does not have is not asked for with each message") {
  ScriptedServer server({not_found, found()});
  KeptLog log;
  AvroReader reader(source_of(server), avro::NanValues::rejected, 99, log);
  for (int i = 0; i < 3; ++i)
    CHECK_THAT(read(reader, "\0\0\0\0\x09x"sv), contains_text("rejected: the registry does not have /schemas/ids/9"));
  CHECK(read(reader, "\0\0\0\0\7"s + encoded(R"({"id":7})")) == R"({"id":7,"x":null})");
  CHECK_THAT(read(reader, "\0\0\0\0\x09x"sv), contains_text("rejected: the registry does not have /schemas/ids/9"));
  CHECK(server.requests().size() == 2);
}

TEST_CASE("a schema that was missing is asked for again after a while") {
  ScriptedServer server({not_found, found()});
  KeptLog log;
  SchemaSource source = source_of(server);
  source.ask_again = {};
  AvroReader reader(source, avro::NanValues::rejected, 99, log);
  const std::string message = "\0\0\0\0\7"s + encoded(R"({"id":7})");
  CHECK_THAT(read(reader, message), contains_text("rejected: the registry does not have /schemas/ids/7"));
  CHECK(read(reader, message) == R"({"id":7,"x":null})");
  CHECK(server.requests().size() == 2);
}
