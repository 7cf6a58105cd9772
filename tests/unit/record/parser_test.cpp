#include "record/parser.hpp"

#include <string>
#include <vector>
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

TEST_CASE("a number in a path is an element of a list, or a member of that name") {
  Reader reader({"rx.0.rssi", "rx.1", "rx.12", "rx", "m.0.0"});
  REQUIRE(reader.read(R"({"rx":[{"x":[7],"rssi":-97},{"rssi":-3}],"m":[[5,6],nan]})"));
  CHECK(reader.value(0).raw == "-97");
  CHECK(reader.value(1).raw == R"({"rssi":-3})");
  CHECK(reader.value(2).kind == Kind::missing);
  CHECK(reader.value(3).raw == R"([{"x":[7],"rssi":-97},{"rssi":-3}])");
  CHECK(reader.value(4).raw == "5");
  REQUIRE(reader.read(R"({"rx":{"0":{"rssi":1},"12":2}})"));
  CHECK(reader.value(0).raw == "1");
  CHECK(reader.value(1).kind == Kind::missing);
  CHECK(reader.value(2).raw == "2");
  REQUIRE(reader.read(R"({"rx":[ ],"m":[]})"));
  CHECK(reader.value(0).kind == Kind::missing);
  REQUIRE(reader.read(R"({"rx":[0,1,2,3,4,5,6,7,8,9,10,11,12,13]})"));
  CHECK(reader.value(2).raw == "12");
  for (const char* bad :
       {R"({"rx":[1,]})", R"({"rx":[,1]})", R"({"rx":[1 2]})", R"({"rx":[1})", R"({"rx":[{"rssi":x}]})"})
    CHECK_FALSE(reader.read(bad));
  CHECK_FALSE(reader.read(R"({"rx":)" + std::string(64, '[') + std::string(64, ']') + "}"));
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

TEST_CASE("a number that is not JSON's is not called a word") {
  Reader reader({"v"});
  for (const char* line : {R"({"v":+1})", R"({"v":.5})", R"({"v":01})", R"({"v":-})"}) {
    CHECK(reader(line) == nullptr);
    CHECK(std::string(reader.parser->reason()) == "a number that is not JSON's");
  }
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
  // The same parser continues.
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

TEST_CASE("lines taken from a block are judged as each alone") {
  // Good and bad lines, mixed: a bad line must not affect its neighbours. The last rows make the whole block unfit for
  // the fast path.
  const std::vector<std::string> good_block{
      R"({"v":1})",   "",          R"(  {"v":"a\"b"} )", R"({"v":1}})", "nope",
      R"({"v":2}{})", R"({"v":3)", R"({"v":4})",         R"({"v":[1)",  R"({"x":{"v":5},"v":6})"};
  std::vector<std::string> bad_string = good_block;
  bad_string.insert(bad_string.begin() + 3, R"({"v":"open)");
  std::vector<std::string> bad_utf8 = good_block;
  bad_utf8.emplace_back("{\"v\":\"\xff\"}");
  for (const auto& lines : {good_block, bad_string, bad_utf8}) {
    std::string bytes;
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (const std::string& line : lines) {
      places.emplace_back(bytes.size(), line.size());
      bytes += line + "\n";
    }
    const std::size_t length = bytes.size() - 1;
    bytes.append(RecordParser::padding, 'x');
    Reader blockwise({"v"});
    Reader alone({"v"});
    blockwise.parser->prepare(std::string_view(bytes).substr(0, length));
    // Twice, the second time backwards: the order of the lines must not matter.
    for (const bool backwards : {false, true}) {
      for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t n = backwards ? lines.size() - 1 - i : i;
        INFO(lines[n]);
        const Record* expected = alone(lines[n]);
        const Record* got =
            blockwise.parser->parse(std::string_view(bytes).substr(places[n].first, places[n].second), n + 1);
        REQUIRE((got == nullptr) == (expected == nullptr));
        if (got == nullptr) {
          CHECK(blockwise.parser->reason() == alone.parser->reason());
        } else {
          CHECK((*got)[blockwise.ids[0]].raw == (*expected)[alone.ids[0]].raw);
          CHECK((*got)[blockwise.ids[0]].text == (*expected)[alone.ids[0]].text);
          CHECK(got->line_number() == n + 1);
        }
      }
    }
  }
}

TEST_CASE("nesting has a limit also where nothing is read") {
  Reader reader({"v"});
  const auto nested = [](std::size_t depth) {
    return R"({"v":1,"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(reader(nested(63)) != nullptr);
  CHECK(reader(nested(64)) == nullptr);
  CHECK(reader.parser->reason() == "nested too deeply");
}

TEST_CASE("junk between tokens is found") {
  Reader strict({"v"}, Checking::every_token);
  for (const char* line : {R"({"v"x:1})", R"({"v":1"a"})", R"({"v":"a"b})", R"({"v":1 2})", "{\"v\":1\x01}",
                           R"({"v":true"x"})", R"({"x":1"a"})", R"({"x":[1 2]})", R"({"x":[1,]})", R"({"x":[}]})",
                           R"({"x":{"a"}})", R"({"x":{"a":}})", R"({,"x":1})", R"({"x"::1})"}) {
    INFO(line);
    CHECK(strict(line) == nullptr);
  }
}

TEST_CASE("a NUL after the object does not end the line") {
  FieldSet fields;
  RecordParser parser(fields, Checking::every_token);
  using namespace std::string_view_literals;
  CHECK(parser.parse_copy("{\"a\":1}\0"sv, 1) == nullptr);
  CHECK(parser.reason() == "more than one JSON document on the line");
  CHECK(parser.parse_copy("{\"a\":\0}"sv, 1) == nullptr);
  CHECK(parser.parse_copy("{\"a\":1\0}"sv, 1) == nullptr);
  CHECK_FALSE(parser.each_element("[1]\0"sv, [](const Value&) { return true; }));
}
