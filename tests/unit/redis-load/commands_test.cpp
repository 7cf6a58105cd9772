#include "commands.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "record/parser.hpp"
#include "server_errors.hpp"

using namespace weir;
using namespace weir::redis_load;
using Do = CommandSpec::Kind;

namespace {

/// Commands as words, one command a line; the bytes of arguments stand as they are.
std::string shown(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto number = [&text] {
      const auto end = text.find("\r\n");
      const auto value = std::stoul(std::string(text.substr(1, end - 1)));
      text.remove_prefix(end + 2);
      return value;
    };
    for (auto left = number(); left > 0; --left) {
      const auto size = number();
      out += text.substr(0, size);
      out += left == 1 ? "\n" : " ";
      text.remove_prefix(size + 2);
    }
  }
  return out;
}

struct Made {
  explicit Made(const CommandList& list) : commands(list.commands(), fields), parser(fields) {
    commands.set_script("SHA");
  }
  std::string operator()(std::string_view line) {
    const Record* record = parser.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    const std::size_t before = batch.text.size();
    const Verdict verdict = commands.append(*record, batch);
    if (verdict.rejected()) {
      CHECK(batch.text.size() == before);
      return verdict.reason();
    }
    return shown(batch.text_of(batch.entries.back()));
  }
  FieldSet fields;
  Commands commands;
  RecordParser parser;
  Batch batch;
};

CommandList list_of(std::initializer_list<std::pair<Do, std::vector<std::string>>> commands) {
  CommandList list;
  for (const auto& [kind, values] : commands)
    for (const std::string& value : values) list.add(kind, "--option", value);
  return list;
}

}  // namespace

TEST_CASE("a hash holds what the last record had") {
  CommandList list = list_of({{Do::hset, {"sensor:{id}", "value,at=time,unit"}}});
  list.expire("1h");
  Made made(list);
  CHECK(made(R"({"id":"a b","value":1.50,"time":"now","unit":"\u00b0C"})") ==
        "HSET sensor:a b value 1.50 at now unit \xc2\xb0"
        "C\nPEXPIRE sensor:a b 3600000\n");
  CHECK(made(R"({"id":7,"value":1,"unit":null})") ==
        "HSET sensor:7 value 1\nHDEL sensor:7 at unit\nPEXPIRE sensor:7 3600000\n");
  CHECK(made.batch.entries.back().commands == 3);
  CHECK(made(R"({"id":7})") == "none of the fields for sensor:7 is there");
  CHECK(made(R"({"value":1})") == "id is in the key and is missing");
  CHECK(made(R"({"id":{},"value":1})").find("id") == 0);
}

TEST_CASE("lists, sorted sets and streams are trimmed") {
  CommandList list = list_of({{Do::lpush, {"l"}}});
  list.trim("100");
  list.add(Do::zadd, "--zadd", "z");
  list.add(Do::zadd, "--zadd", "t,id");
  list.trim("3");
  list.add(Do::xadd, "--xadd", "x");
  list.add(Do::xadd, "--xadd", "id,none");
  list.trim("9");
  Made made(list);
  CHECK(
      made(R"({"id":"a","t":1e3})") ==
      "LPUSH l {\"id\":\"a\",\"t\":1e3}\nLTRIM l 0 99\nZADD z 1e3 a\nZREMRANGEBYRANK z 0 -4\nXADD x MAXLEN 9 * id a\n");
  CHECK(made(R"({"id":"a","t":"1970-01-01T00:00:01.5Z"})").find("ZADD z 1.5 a\n") != std::string::npos);
  CHECK(made(R"({"id":"a","t":true})") == "t is the score and is not a number or a time");
  CHECK(made(R"({"t":1})") == "id is the member and is missing");
}

TEST_CASE("a value, a life, a message, statistics") {
  CommandList list = list_of({{Do::set, {"s"}}});
  list.value("v");
  list.expire("1500ms");
  list.add(Do::publish, "--publish", "c/{id:-none}");
  list.add(Do::stats, "--stats", "st");
  list.add(Do::stats, "--stats", "n");
  Made made(list);
  CHECK(made(R"({"v":[1, 2],"n":2})") ==
        "SET s [1, 2] PX 1500\nPUBLISH c/none {\"v\":[1, 2],\"n\":2}\nEVALSHA SHA 1 st 2\n");
  CHECK(made(R"({"v":1,"n":"2"})") == "n is not a number");
  CHECK(made(R"({"v":1,"n":1e999})") == "n is not a number");
  CHECK(made(R"({"v":1,"n":-1e141})") == "n -1e141 is beyond 1e140, too large for --stats");
  CHECK(made(R"({"v":null,"n":1})") == "v is the value and is missing");
  CHECK(made.commands.uses_script());
}

TEST_CASE("each key is checked once") {
  Made made(list_of({{Do::hset, {"h:{id}", "v"}}, {Do::set, {"s"}}, {Do::lpush, {"l"}}}));
  made.commands.check_keys();
  made(R"({"id":1,"v":1})");
  made(R"({"id":1,"v":2})");
  REQUIRE(made.batch.to_check.size() == 2);
  CHECK(made.batch.to_check[0].key == "h:1");
  CHECK(made.batch.to_check[0].type == "hash");
  CHECK(made.batch.to_check[1].type == "list");
  CHECK(made.batch.uses.size() == 4);
  CHECK(made(R"({"id":2,"v":1,"id":{}})").find("id") == 0);
  CHECK(made.batch.to_check.size() == 2);
  made(R"({"id":2,"v":3})");
  CHECK(made.batch.to_check.size() == 3);
}

TEST_CASE("no record touches the epoch of a pipeline") {
  Made made(list_of({{Do::set, {"{id}"}}, {Do::publish, {"{id}"}}}));
  CHECK(made(R"({"id":"weir:epoch:any"})") == "the key weir:epoch:any is that of a pipeline's epoch");
  CHECK(made(R"({"id":"{p}:epoch"})").find("SET {p}:epoch") == 0);
  made.commands.reserve("{p}:epoch");
  CHECK(made(R"({"id":"{p}:epoch"})") == "the key {p}:epoch is that of a pipeline's epoch");
  CHECK(made(R"({"id":"{p}:epochs"})").find("SET {p}:epochs") == 0);
}

TEST_CASE("commands that cannot be are refused") {
  FieldSet fields;
  CHECK_THROWS_AS(Commands({}, fields), std::invalid_argument);
  CHECK_THROWS_AS(Commands(list_of({{Do::hset, {"k", "a,,b"}}}).commands(), fields), std::invalid_argument);
  CHECK_THROWS_AS(Commands(list_of({{Do::hset, {"k", "=a"}}}).commands(), fields), std::invalid_argument);
  CHECK_THROWS_AS(Commands(list_of({{Do::hset, {"k", "x=a,x=b"}}}).commands(), fields), std::invalid_argument);
  CHECK_THROWS_AS(Commands(list_of({{Do::xadd, {"k", "a,a=b"}}}).commands(), fields), std::invalid_argument);
  CHECK_THROWS_AS(Commands(list_of({{Do::stats, {"k", "a,b"}}}).commands(), fields), std::invalid_argument);
  CommandList list;
  CHECK_THROWS_AS(list.expire("1h"), std::invalid_argument);
  list.add(Do::hset, "--hset", "k");
  list.add(Do::hset, "--hset", "a");
  CHECK_THROWS_AS(list.trim("1"), std::invalid_argument);
  CHECK_THROWS_AS(list.value("a"), std::invalid_argument);
  CHECK_THROWS_AS(list.expire("1"), std::invalid_argument);
  CHECK_THROWS_AS(list.expire("0s"), std::invalid_argument);
  CHECK_THROWS_AS(list.add(Do::set, "--set", ""), std::invalid_argument);
}

TEST_CASE("each error of the server has its answer") {
  CHECK(answer_to("OOM", false) == Answer::retry);
  CHECK(answer_to("LOADING", false) == Answer::retry);
  CHECK(answer_to("READONLY", false) == Answer::reconnect);
  CHECK(answer_to("MOVED", false) == Answer::end);
  CHECK(answer_to("CROSSSLOT", true) == Answer::end);
  CHECK(answer_to("NOAUTH", false) == Answer::end);
  CHECK(answer_to("WRONGTYPE", true) == Answer::reject);
  CHECK(answer_to("ERR", true) == Answer::reject);
  CHECK(answer_to("ERR", false) == Answer::end);
}
