#include "protocol.hpp"

#include <stdexcept>

#include "catch.hpp"

using namespace weir::ml_call;

namespace {

using Tokens = std::vector<std::string>;

std::string problem(ProtocolCodec& codec, std::string_view answer, std::size_t rows) {
  try {
    codec.read(answer, rows);
  } catch (const BadAnswer& bad) {
    return bad.what();
  }
  return "taken";
}

std::string refusal(const ProtocolSettings& settings, Tokens names) {
  try {
    const ProtocolCodec codec(settings, std::move(names));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "taken";
}

ProtocolSettings json(std::string envelope, bool list, std::string answer) {
  ProtocolSettings settings;
  settings.envelope = std::move(envelope);
  settings.list = list;
  settings.answer = std::move(answer);
  return settings;
}

ProtocolSettings v2(std::string tensor, std::string answer) {
  ProtocolSettings settings;
  settings.protocol = Protocol::v2;
  settings.tensor = std::move(tensor);
  settings.answer = std::move(answer);
  return settings;
}

const Row first{"1.50", "null"};
const Row second{"2", "\"x\""};
const std::vector<const Row*> both{&first, &second};

}  // namespace

TEST_CASE("JSON: an object, a list, or an envelope around them") {
  const std::vector<const Row*> one{&first};
  CHECK(ProtocolCodec(json("", false, ""), {"a", "b\""}).request_of(one) == R"({"a":1.50,"b\"":null})");
  CHECK(ProtocolCodec(json("", true, ""), {"a", "b"}).request_of(both) == R"([{"a":1.50,"b":null},{"a":2,"b":"x"}])");
  CHECK(ProtocolCodec(json(R"({"instances":{inputs},"v":1})", true, ""), {"a", "b"}).request_of(one) ==
        R"({"instances":[{"a":1.50,"b":null}],"v":1})");
}

TEST_CASE("JSON: the whole answer, or what a path leads to; for each row") {
  ProtocolCodec whole(json("", false, ""), {"a"});
  CHECK(whole.read(" {\n \"score\": 1.50,\r\n\t\"t\": \" a \\\" b \", \"l\": [ 1 , 2 ] } \n", 1) ==
        Tokens{R"({"score":1.50,"t":" a \" b ","l":[1,2]})"});
  CHECK(whole.read("7", 1) == Tokens{"7"});
  ProtocolCodec path(json("", false, "result.score"), {"a"});
  CHECK(path.read(R"({"result":{"score":"good"}})", 1) == Tokens{"\"good\""});
  CHECK(problem(path, R"({"result":1})", 1) == R"(the answer has no result.score: {"result":1})");
  ProtocolCodec list(json("", true, "predictions"), {"a"});
  CHECK(list.read(R"({"predictions":[0.1,{"x":[2]}]})", 2) == Tokens{"0.1", R"({"x":[2]})"});
  CHECK(problem(list, R"({"predictions":[0.1]})", 2) == "1 predictions for 2 rows");
  CHECK(problem(list, R"({"predictions":0.1})", 1) == "0.1 is not a list");
}

TEST_CASE("an answer that is not one JSON value is a bad one") {
  ProtocolCodec codec(json("", false, ""), {"a"});
  for (const char* answer :
       {"", "{", "[1", "1 2", "1,\"answer\":2", "nul", "NaN", "{\"a\":1}{", "1}", "\"a", "\xff", "tr ue"})
    CHECK(problem(codec, answer, 1) != "taken");
  CHECK(problem(codec, "<html>\x01\xc3", 1) == "the answer is not JSON: <html>??");
}

TEST_CASE("V2: a tensor for each input, or one for all") {
  const Row third{"2", "5"};
  const Row fourth{"3", "6"};
  const std::vector<const Row*> rows{&third, &fourth};
  CHECK(ProtocolCodec(v2("", ""), {"a", "b"}).request_of(rows) ==
        R"({"inputs":[{"name":"a","shape":[2,1],"datatype":"FP64","data":[2,3]},)"
        R"({"name":"b","shape":[2,1],"datatype":"FP64","data":[5,6]}]})");
  CHECK(ProtocolCodec(v2("x", ""), {"a", "b"}).request_of(rows) ==
        R"({"inputs":[{"name":"x","shape":[2,2],"datatype":"FP64","data":[2,5,3,6]}]})");
}

TEST_CASE("V2: outputs, flat or nested, one by its name or all as an object") {
  const char* const answer = R"({"model_name":"m","outputs":[{"name":"p","shape":[2],"data":[0.1,0.2]},)"
                             R"({"name":"q","shape":[2,2],"datatype":"INT64","data":[1,2,3,4]}]})";
  ProtocolCodec all(v2("", ""), {"a"});
  CHECK(all.read(answer, 2) == Tokens{R"({"p":0.1,"q":[1,2]})", R"({"p":0.2,"q":[3,4]})"});
  ProtocolCodec q(v2("", "q"), {"a"});
  CHECK(q.read(answer, 2) == Tokens{"[1,2]", "[3,4]"});
  CHECK(problem(q, answer, 4) == "an output of 4 values for 4 rows");
  CHECK(problem(q, answer, 3) == "an output of 4 values for 3 rows");
  ProtocolCodec r(v2("", "r"), {"a"});
  CHECK(problem(r, answer, 2) == "the answer has no output r");
  CHECK(all.read(R"({"outputs":[{"name":"p","data":[[1],[2]]}]})", 2) == Tokens{"[1]", "[2]"});
  CHECK(problem(all, R"({"outputs":[{"name":"p","data":[]}]})", 2) == "an output of 0 values for 2 rows");
  CHECK(problem(all, R"({"outputs":[7]})", 1) == "an output is not an object with a name");
  CHECK(problem(all, R"({"outputs":[]})", 1) == "the answer has no output ");
  CHECK(problem(all, R"({"error":"no"})", 1) == R"(the answer has no list of outputs: {"error":"no"})");
}

TEST_CASE("settings that do not go together") {
  CHECK(refusal(json("", false, ""), {}) == "--input is needed: what the model is given");
  CHECK(refusal(json("", false, ""), {"a", "a"}) == "--input: 'a' is given twice");
  CHECK(refusal(json("{\"x\":1}", false, ""), {"a"}) ==
        "--envelope: '{\"x\":1}' is not a JSON object with {inputs} in it");
  CHECK(refusal(json("{\"x\":{inputs}", false, ""), {"a"}).starts_with("--envelope: "));
  ProtocolSettings tensor = json("", false, "");
  tensor.tensor = "x";
  CHECK(refusal(tensor, {"a"}) == "--tensor goes with --protocol v2");
}
