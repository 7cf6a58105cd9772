#include "record/senml.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "time/timestamp.hpp"

using namespace weir;

namespace {

/// The lines of a pack, rejects as `N: reason`; of a refused pack its reason alone.
std::vector<std::string> resolved(std::string_view pack) {
  SenmlReader reader;
  std::vector<std::string> lines;
  const Time received = TimeParser().parse("2026-01-02T03:04:05Z").value();
  const bool read = reader.read(pack, received, [&](std::uint64_t number, auto, auto line, auto reason) {
    lines.push_back(reason.empty() ? std::string(line) : std::to_string(number) + ": " + std::string(reason));
  });
  if (!read) return {"refused: " + reader.reason()};
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a pack of RFC 8428, 5.1.3, resolves as the RFC has it") {
  const Lines lines = resolved(R"([
     {"bn":"urn:dev:ow:10e2073a01080063:","bt":1.276020076001e+09,
      "bu":"A","bver":5,
      "n":"voltage","u":"V","v":120.1},
     {"n":"current","t":-5,"v":1.2},
     {"n":"current","v":1.7}
   ])");
  REQUIRE(lines.size() == 3);
  CHECK(
      lines[0] ==
      R"({"timestamp":"2010-06-08T18:01:16.001Z","name":"urn:dev:ow:10e2073a01080063:voltage","unit":"V","value":120.1})");
  CHECK(
      lines[1] ==
      R"({"timestamp":"2010-06-08T18:01:11.001Z","name":"urn:dev:ow:10e2073a01080063:current","unit":"A","value":1.2})");
  CHECK(
      lines[2] ==
      R"({"timestamp":"2010-06-08T18:01:16.001Z","name":"urn:dev:ow:10e2073a01080063:current","unit":"A","value":1.7})");
}

TEST_CASE("times below 2^28 count from the receipt") {
  CHECK(resolved(R"([{"n":"a","v":1}])") == Lines{R"({"timestamp":"2026-01-02T03:04:05Z","name":"a","value":1})"});
  CHECK(resolved(R"([{"n":"a","v":1,"t":-65}])") ==
        Lines{R"({"timestamp":"2026-01-02T03:03:00Z","name":"a","value":1})"});
  CHECK(resolved(R"([{"n":"a","v":1,"bt":-60,"t":-5}])") ==
        Lines{R"({"timestamp":"2026-01-02T03:03:00Z","name":"a","value":1})"});
}

TEST_CASE("base values are added exactly") {
  CHECK(resolved(R"([{"bn":"a","bv":20.1,"v":0.2},{"v":-0.1},{"bv":0.5,"s":7,"bs":0.1}])") ==
        Lines{R"({"timestamp":"2026-01-02T03:04:05Z","name":"a","value":20.3})",
              R"({"timestamp":"2026-01-02T03:04:05Z","name":"a","value":20})",
              R"({"timestamp":"2026-01-02T03:04:05Z","name":"a","sum":7.1})"});
}

TEST_CASE("the base values of a bad record hold for the next one, and a value must be one of JSON") {
  CHECK(resolved(R"([{"bn":"dev/","bu":"W","ut":"x","n":"t","v":1},{"n":"q","v":2}])") ==
        Lines{"1: ut is not a number", R"({"timestamp":"2026-01-02T03:04:05Z","name":"dev/q","unit":"W","value":2})"});
  CHECK(resolved(R"([{"bn":"a","bv":1e308,"v":1e308}])") == Lines{"1: the value is out of range"});
}

TEST_CASE("text, truth and data") {
  CHECK(resolved(R"([{"n":"a","vs":"on \"x\""},{"n":"b","vb":true},{"n":"c","vd":"aGk"}])") ==
        Lines{R"({"timestamp":"2026-01-02T03:04:05Z","name":"a","value":"on \"x\""})",
              R"({"timestamp":"2026-01-02T03:04:05Z","name":"b","value":true})",
              R"({"timestamp":"2026-01-02T03:04:05Z","name":"c","data":"aGk"})"});
}

TEST_CASE("a bad record leaves the others alone") {
  CHECK(resolved(
            R"([{"bn":"x"},{"n":"a"},{"n":"b","v":"1"},{"n":"é","v":1},{"n":"c","v":1,"vs":"2"},7,{"n":"d","v":1}])") ==
        Lines{"2: there is no value", "3: v is not a number", "4: 'xé' is not a SenML name",
              "5: there is more than one of v, vs, vb and vd", "6: not a JSON object",
              R"({"timestamp":"2026-01-02T03:04:05Z","name":"xd","value":1})"});
}

TEST_CASE("a value that is not finite is left to the reader of the line; in another member it costs its record alone") {
  CHECK(
      resolved(
          R"([{"bn":"x","bv":1,"u":"W","n":"a","v":NaN},{"n":"b","v":1,"t":-inf},{"n":"c","v":1},{"n":"d","s":-Infinity}])") ==
      Lines{R"({"timestamp":"2026-01-02T03:04:05Z","name":"xa","unit":"W","value":NaN})", "2: t is not a number",
            R"({"timestamp":"2026-01-02T03:04:05Z","name":"xc","value":2})",
            R"({"timestamp":"2026-01-02T03:04:05Z","name":"xd","sum":NaN})"});
  CHECK(resolved(R"([{"n":"a","v":[]},{"n":"b","v":"NaN"}])") == Lines{"1: v is not a number", "2: v is not a number"});
  CHECK(resolved(R"([{"n":"a","vs":NaN},{"n":NaN,"v":1},{"n":"b","vs":"NaN"}])") ==
        Lines{"1: vs is not a string", "2: n is not a string",
              R"({"timestamp":"2026-01-02T03:04:05Z","name":"b","value":"NaN"})"});
}

TEST_CASE("a pack that must be understood and is not is refused") {
  CHECK(resolved(R"([{"n":"a","v":1,"new_":2}])") ==
        Lines{"refused: the member new_ must be understood, and is not known here"});
  CHECK(resolved(R"([{"bver":11,"n":"a","v":1}])") ==
        Lines{"refused: the pack's version is 11, and up to 10 is known"});
  CHECK(resolved(R"({"n":"a","v":1})").front().starts_with("refused: "));
  // Without its base values a record would have another name, time or value.
  CHECK(resolved(R"([{"bt":"x","n":"a","v":1}])") == Lines{"refused: bt is not a number"});
  CHECK(resolved(R"([{"bn":1,"n":"a","v":1}])") == Lines{"refused: bn is not a string"});
  for (const char* base : {"bt", "bv", "bs"})
    CHECK(resolved("[{\"" + std::string(base) + "\":NaN,\"n\":\"a\",\"v\":1},{\"n\":\"b\",\"v\":1}]") ==
          Lines{"refused: " + std::string(base) + " is not a number"});
  CHECK(resolved(R"([{"bn":NaN,"n":"a","v":1}])") == Lines{"refused: bn is not a string"});
  // An element that cannot be read may have had base values.
  CHECK(resolved(R"([{"bn":"x","bt":1.7e9,"n":"a","v":tru},{"n":"b","v":1}])").front().starts_with("refused: "));
  CHECK(resolved("[").front().starts_with("refused: "));
}
