#include "avro/schema.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "avro/encoder.hpp"
#include "catch.hpp"

using namespace weir::avro;

namespace {

/// The reason why a text is not a schema; empty when it is one.
std::string problem(const std::string& text) {
  try {
    Schema::parse(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("an error in a schema names the place and what is wrong", "[avro]") {
  CHECK(problem("{") == "an object or array is not closed");
  CHECK(problem("5") == "the schema: 5 is not a type");
  CHECK(problem("\"text\"") == "the schema: the type \"text\" is not defined");
  CHECK(problem("{}") == "the schema: an object without \"type\"");
  CHECK(problem(R"({"type":"array"})") == "the schema: array without \"items\"");
  CHECK(problem(R"({"type":"record","name":"R"})") == "R: a record without \"fields\"");
  CHECK(problem(R"({"type":"record","fields":[]})") == "the schema: a named type without \"name\"");
  CHECK(problem(R"({"type":"record","name":"a-b","fields":[]})") == "the schema: \"a-b\" cannot be a name");
  CHECK(problem(R"({"type":"record","name":"R","fields":[{"name":"a b","type":"int"}]})") ==
        "R: \"a b\" cannot be a field's name");
  CHECK(problem(R"({"type":"record","name":"R","fields":[{"name":"a","type":"integer"}]})") ==
        "R.a: the type \"integer\" is not defined");
  CHECK(problem(R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]})") ==
        "R: the field \"a\" stands twice");
  CHECK(problem(R"({"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]})") ==
        "R.a: the default does not fit: \"x\" is not an int");
  CHECK(problem(R"(["int","string","int"])") == "the schema: a union has two branches of int");
  CHECK(problem(R"(["int",["null","string"]])") == "the schema: a union stands in a union");
  CHECK(problem(R"({"type":"enum","name":"E","symbols":["A","A"]})") == "E: the symbol \"A\" stands twice");
  CHECK(problem(R"({"type":"fixed","name":"F","size":-1})") == "F: \"size\" is not a number up to 1048576");
  CHECK(problem(R"([{"type":"fixed","name":"F","size":1},{"type":"enum","name":"F","symbols":["A"]}])") ==
        "the schema: the type \"F\" is defined twice");
}

TEST_CASE("names are found in their namespace", "[avro]") {
  CHECK(problem(R"({"type":"record","name":"a.b.R","fields":[
    {"name":"e","type":{"type":"enum","name":"E","symbols":["A"]}},
    {"name":"f","type":"a.b.E"},{"name":"g","type":"E"},
    {"name":"h","type":{"type":"record","name":"I","namespace":"c","fields":[{"name":"x","type":{"type":"fixed","name":"F","size":1}}]}},
    {"name":"i","type":"c.F"},{"name":"j","type":["null","R"]}]})")
            .empty());
  CHECK(problem(R"({"type":"record","name":"a.R","fields":[{"name":"e","type":"b.R"}]})") ==
        "a.R.e: the type \"b.R\" is not defined");
}

TEST_CASE("a schema uses the types of those that it refers to", "[avro]") {
  const std::vector<std::string> references{
      R"({"type":"enum","name":"x.Level","symbols":["low","high"]})",
      R"({"type":"record","name":"x.Place","fields":[{"name":"level","type":"Level"}]})"};
  const auto schema = Schema::parse(
      R"({ "type": "record", "name": "R",
  "fields": [{"name":"place","type":"x.Place"}] })",
      references);
  CHECK(schema->text() == R"({"type":"record","name":"R","fields":[{"name":"place","type":"x.Place"}]})");
  Encoder encoder(schema);
  std::string out;
  CHECK(encoder.encode(R"({"place":{"level":"high"}})", out));
  CHECK(out == "\x02");
}

TEST_CASE("a logical type that does not fit its type is ignored", "[avro]") {
  for (const char* const type :
       {R"({"type":"string","logicalType":"date"})", R"({"type":"string","logicalType":"country"})",
        R"({"type":"bytes","logicalType":"decimal","scale":2})",
        R"({"type":"bytes","logicalType":"decimal","precision":2,"scale":3})"})
    CHECK(Schema::parse(type)->root().logical == Logical::none);
}

TEST_CASE("a schema from anybody ends in an error and not in endless work", "[avro]") {
  CHECK(problem(std::string(100'000, '[')) == "nested too deeply");
  CHECK(
      problem(
          R"({"type":"record","name":"R","fields":[{"name":"a","type":"R","default":{}},{"name":"b","type":"R","default":{}}]})")
          .starts_with("R.a: the default does not fit: "));
}
