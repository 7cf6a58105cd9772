#include "record/parser.hpp"

#include "catch.hpp"
#include "record/object_writer.hpp"

using namespace weir;

namespace {

struct Reader {
  explicit Reader(std::initializer_list<const char*> paths, Checking checking = Checking::structure) {
    for (const char* path : paths) ids.push_back(fields.add(path));
    parser = std::make_unique<RecordParser>(fields, checking);
  }
  const Record* operator()(std::string_view line) { return parser->parse_copy(line, 1); }
  const Value& value(std::size_t i) { return (*record)[ids[i]]; }
  bool read(std::string_view line) { return (record = (*this)(line)) != nullptr; }

  FieldSet fields;
  std::vector<FieldId> ids;
  std::unique_ptr<RecordParser> parser;
  const Record* record = nullptr;
};

}  // namespace

TEST_CASE("fields are found with their bytes") {
  Reader reader({"a", "b.c", "missing", "s", "n", "o", "l", "t"});
  REQUIRE(reader.read(
      R"( {"a" : 1.10 , "b":{"x":[1,{"c":9}],"c": -0.5e3 }, "s":"x\u0041\n","n":null,"o":{"p":1} ,"l":[1,2] , "t":true } )"));
  CHECK(reader.value(0).raw == "1.10");
  CHECK(reader.value(0).number() == 1.1);
  CHECK(reader.value(1).raw == "-0.5e3");
  CHECK(reader.value(1).number() == -500);
  CHECK(reader.value(2).kind == Kind::missing);
  CHECK(reader.value(3).raw == R"("x\u0041\n")");
  CHECK(reader.value(3).text == "xA\n");
  CHECK(reader.value(4).kind == Kind::null);
  CHECK_FALSE(reader.value(4).present());
  CHECK(reader.value(5).raw == R"({"p":1})");
  CHECK(reader.value(6).raw == "[1,2]");
  CHECK(reader.value(7).is_true());
}

TEST_CASE("an object may be read whole and in part") {
  Reader reader({"a", "a.b", "a.c.d"});
  REQUIRE(reader.read(R"({"a":{"b":1,"c":{"d":"x"}},"z":0})"));
  CHECK(reader.value(0).raw == R"({"b":1,"c":{"d":"x"}})");
  CHECK(reader.value(1).raw == "1");
  CHECK(reader.value(2).text == "x");
  REQUIRE(reader.read(R"({"a":5})"));
  CHECK(reader.value(0).raw == "5");
  CHECK(reader.value(1).kind == Kind::missing);
}

TEST_CASE("names with dots and with escapes") {
  Reader reader({R"(a\.b)", "é"});
  REQUIRE(reader.read(R"({"a.b":1,"a":{"b":2},"\u00e9":3})"));
  CHECK(reader.value(0).raw == "1");
  CHECK(reader.value(1).raw == "3");
}

TEST_CASE("of doubles the last counts, and members() shows both") {
  Reader reader({"a"});
  REQUIRE(reader.read(R"({"a":1,"a":2})"));
  CHECK(reader.value(0).raw == "2");
  FieldSet all;
  all.read_members();
  RecordParser parser(all);
  const Record* record = parser.parse_copy(R"({"a":1,"b\"":[2],"a":"3"})", 7);
  REQUIRE(record != nullptr);
  REQUIRE(record->members().size() == 3);
  CHECK(record->members()[1].raw_key == R"("b\"")");
  CHECK(record->members()[1].key == "b\"");
  CHECK(record->members()[1].value.raw == "[2]");
  CHECK(record->members()[2].value.text == "3");
  CHECK(record->line_number() == 7);
}

TEST_CASE("numbers keep digits that a double would lose") {
  Reader reader({"n"});
  REQUIRE(reader.read(R"({"n":1499816949527975237})"));
  CHECK(reader.value(0).raw == "1499816949527975237");
  REQUIRE(reader.read(R"({"n":0.12345678901234567890})"));
  CHECK(reader.value(0).raw == "0.12345678901234567890");
}

TEST_CASE("bad lines are refused with a reason") {
  Reader reader({"v"});
  for (const char* line : {"",
                           "   ",
                           "1",
                           "[1]",
                           "\"x\"",
                           "null",
                           "{",
                           "}",
                           R"({"v":1)",
                           R"({"v":{"b":1})",
                           R"({"v":1}})",
                           R"({"v":1}{"v":2})",
                           R"({"v":1} x)",
                           R"({"v":1},)",
                           R"({"v":01})",
                           R"({"v":1.})",
                           R"({"v":+1})",
                           R"({"v":.5})",
                           R"({"v":nope})",
                           R"({"v":NaN})",
                           R"({"v":tru})",
                           R"({"v":truex})",
                           R"({"v":"a)",
                           R"({"v" 1})",
                           R"({"v":1 "w":2})",
                           R"({v:1})",
                           R"({"v":"\q"})",
                           R"({"v":"\ud800"})",
                           R"({"v":"\u12"})",
                           R"({"v":[1,2})",
                           R"({"v":1,})",
                           "{\"v\":\"\x01\"}",
                           "{\"v\":\"\xff\"}",
                           "nope",
                           R"({"v":-})"}) {
    INFO(line);
    CHECK(reader(line) == nullptr);
    CHECK_FALSE(reader.parser->reason().empty());
  }
  // The same parser goes on.
  CHECK(reader(R"({"v":1})") != nullptr);
}

TEST_CASE("a token that is not read is looked at only when asked") {
  Reader relaxed({"v"});
  CHECK(relaxed(R"({"v":1,"x":nope})") != nullptr);
  Reader strict({"v"}, Checking::every_token);
  CHECK(strict(R"({"v":1,"x":nope})") == nullptr);
  CHECK(strict(R"({"v":1,"x":[1,{"y":01}]})") == nullptr);
  CHECK(strict(R"({"v":1,"x":[1,{"y":"\u00e9"}]})") != nullptr);
  std::string deep = R"({"v":1,"x":)" + std::string(70, '[') + std::string(70, ']') + "}";
  CHECK(strict(deep) == nullptr);
}

TEST_CASE("an empty object is a record") {
  Reader reader({"v"});
  REQUIRE(reader.read("{}"));
  CHECK(reader.value(0).kind == Kind::missing);
}

TEST_CASE("field paths with an empty part are refused") {
  FieldSet fields;
  for (const char* path : {"", ".", "a.", ".a", "a..b"}) CHECK_THROWS_AS(fields.add(path), std::invalid_argument);
  CHECK(fields.add("a.b") == fields.add("a.b"));
}
