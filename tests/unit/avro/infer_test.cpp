#include "avro/infer.hpp"

#include <initializer_list>
#include <stdexcept>
#include <string>

#include "avro/encoder.hpp"
#include "catch.hpp"

using namespace weir::avro;

namespace {

std::string guessed(std::initializer_list<const char*> records, Nullable nullable = Nullable::as_seen,
                    Numbers numbers = Numbers::as_seen) {
  SchemaGuess guess;
  for (const char* const record : records) guess.add(record);
  std::string text = guess.text("R", nullable, numbers);
  Encoder encoder(Schema::parse(text), UnknownFields::rejected);
  std::string out;
  for (const char* const record : records) CHECK(encoder.encode(record, out));  // the samples fit
  const std::string frame = R"({"type":"record","name":"R","fields":[)";
  REQUIRE(text.starts_with(frame));
  return text.substr(frame.size(), text.size() - frame.size() - 2);
}

}  // namespace

TEST_CASE("a schema is inferred from a record", "[avro]") {
  CHECK(guessed({R"({"id":"a","n":1,"x":1.5,"ok":true})"}) ==
        R"({"name":"id","type":"string"},{"name":"n","type":"long"},{"name":"x","type":"double"},)"
        R"({"name":"ok","type":"boolean"})");
  CHECK(guessed({R"({"a":null})"}) == R"({"name":"a","type":["null","string"],"default":null})");
  CHECK(
      guessed({R"({"a":[1,2.5],"b":[]})"}) ==
      R"({"name":"a","type":{"type":"array","items":"double"}},{"name":"b","type":{"type":"array","items":"string"}})");
  CHECK(guessed({R"({"at":{"lat":1.5,"at":{"x":1}}})"}) ==
        R"({"name":"at","type":{"type":"record","name":"At","fields":[{"name":"lat","type":"double"},)"
        R"({"name":"at","type":{"type":"record","name":"At2","fields":[{"name":"x","type":"long"}]}}]}})");
  CHECK(guessed({R"({"n":9223372036854775808})"}) == R"({"name":"n","type":"double"})");
}

TEST_CASE("samples are merged", "[avro]") {
  CHECK(guessed({R"({"n":1})", R"({"n":1.5})"}) == R"({"name":"n","type":"double"})");
  CHECK(guessed({R"({"n":1})", R"({"n":null})"}) == R"({"name":"n","type":["null","long"],"default":null})");
  CHECK(guessed({R"({"n":1})", R"({"m":1})"}) ==
        R"({"name":"n","type":["null","long"],"default":null},{"name":"m","type":["null","long"],"default":null})");
  CHECK(guessed({R"({"n":1})", R"({"n":"a"})"}) == R"({"name":"n","type":["long","string"]})");
  CHECK(
      guessed({R"({"a":[{"x":1},{"x":1,"y":null}]})"}) ==
      R"({"name":"a","type":{"type":"array","items":{"type":"record","name":"A","fields":[{"name":"x","type":"long"},)"
      R"({"name":"y","type":["null","string"],"default":null}]}}})");
}

TEST_CASE("all fields nullable, all numbers doubles", "[avro]") {
  CHECK(guessed({R"({"n":1})"}, Nullable::always, Numbers::doubles) ==
        R"({"name":"n","type":["null","double"],"default":null})");
}

TEST_CASE("what no schema can be inferred from", "[avro]") {
  SchemaGuess guess;
  CHECK_THROWS_WITH(guess.text("R"), "there is no record to infer a schema from");
  CHECK_THROWS_WITH(guess.add("[1]"), "not a JSON object");
  CHECK_THROWS_WITH(guess.add(R"({"a":{"b c":1}})"),
                    "a: \"b c\" cannot be a field's name in Avro: it takes letters, digits and _, and begins with a "
                    "letter or _");
}
