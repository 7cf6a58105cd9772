// SenML packs in CBOR as JSON; the first is that of RFC 8428, section 6.
#include "cbor/senml_json.hpp"
#include "catch.hpp"

using weir::cbor::SenmlJson;

namespace {

std::string bytes(std::string_view hex) {
  std::string made;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    made += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return made;
}

/// The pack as JSON, or `refused: …`.
std::string json(std::string_view hex) {
  SenmlJson writer;
  std::string made = "before";
  const bool taken = writer.write(bytes(hex), made);
  CHECK(taken == writer.reason().empty());
  if (!taken) CHECK(made == "before");
  return taken ? made.substr(6) : "refused: " + writer.reason();
}

}  // namespace

TEST_CASE("the pack of the RFC") {
  CHECK(
      json(
          "87a721781b75726e3a6465763a6f773a3130653230373361303130383030363a22fb41d303a15b00106223614120050067766f6c7461"
          "676501615602fb405e066666666666a3006763757272656e74062402fb3ff3333333333333a3006763757272656e74062302fb3ff4cc"
          "cccccccccda3006763757272656e74062202fb3ff6666666666666a3006763757272656e74062102f93e00a3006763757272656e7406"
          "2002fb3ff999999999999aa3006763757272656e74060002fb3ffb333333333333") ==
      R"([{"bn":"urn:dev:ow:10e2073a0108006:","bt":1276020076.001,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},)"
      R"({"n":"current","t":-5,"v":1.2},{"n":"current","t":-4,"v":1.3},{"n":"current","t":-3,"v":1.4},)"
      R"({"n":"current","t":-2,"v":1.5},{"n":"current","t":-1,"v":1.6},{"n":"current","t":0,"v":1.7}])");
}

TEST_CASE("values of each kind") {
  CHECK(json("81a102fa41b8cccd") == R"([{"v":23.1}])");                 // single precision
  CHECK(json("81a102c4822119098d") == R"([{"v":2445e-2}])");            // a decimal fraction
  CHECK(json("81a102c482211b000000000000000a") == R"([{"v":10e-2}])");  // one with a long mantissa
  CHECK(json("81a1023bffffffffffffffff") == R"([{"v":-18446744073709551616}])");
  CHECK(json("81a103624f4b") == R"([{"vs":"OK"}])");
  CHECK(json("81a103637e0022").starts_with(R"([{"vs":"~)"));
  CHECK(json("81a104f5") == R"([{"vb":true}])");
  CHECK(json("81a10843fbefff") == R"([{"vd":"--__"}])");
  CHECK(json("81a102f97e00") == R"([{"v":NaN}])");
  CHECK(json("81a102fb7ff0000000000000") == R"([{"v":Infinity}])");
  CHECK(json("81a122faff800000") == R"([{"bt":-Infinity}])");
  CHECK(json("9fbf007f61616162ff02f93c00ffff") == R"([{"n":"ab","v":1}])");  // of indefinite lengths
  CHECK(json("81a1626d5f01") == R"([{"m_":1}])");
  CHECK(json("81a102c11a00000001") == R"([{"v":1}])");  // a tag without meaning here
  CHECK(json("80") == "[]");
}

TEST_CASE("what is not a pack") {
  CHECK(json("") == "refused: the pack ends within a value");
  CHECK(json("81a1") == "refused: the pack ends within a value");
  CHECK(json("a0") == "refused: the pack is not an array");
  CHECK(json("8101") == "refused: an element of the pack is not a map");
  CHECK(json("8000") == "refused: there are bytes after the pack");
  CHECK(json("81a11863f5") == "refused: a label of the pack is not known");
  CHECK(json("81a1f5f5") == "refused: a label of the pack is not known");
  CHECK(json("81a10362c328") == "refused: a text of the pack is not UTF-8");
  CHECK(json("81a102ff") == "refused: the pack is not CBOR");
  CHECK(json("81a102c4820161") == "refused: the pack ends within a value");
  CHECK(json("81a102c4820161610000") == "refused: a decimal fraction is not two integers");
  CHECK(json("81a102c4821a7fffffff01") == "refused: the exponent of a decimal fraction is out of range");
  CHECK(json("9bffffffffffffffff") == "refused: the pack ends within a value");  // no memory for what is claimed
  std::string deep = "81a102";
  for (int i = 0; i < 100; ++i) deep += "81";
  CHECK(json(deep + "00") == "refused: the pack is nested too deeply");
}
