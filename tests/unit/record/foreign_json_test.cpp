#include "record/foreign_json.hpp"

#include "catch.hpp"

using namespace weir;

namespace {

std::string on_one_line(std::string_view json) {
  std::string out = "before";
  append_on_one_line(out, json);
  return out.substr(6);
}

std::string without_nan(std::string_view json) {
  std::string out;
  return append_without_nan(out, json) ? out : "as it was";
}

}  // namespace

TEST_CASE("white space outside strings is dropped, and kept as a blank between two tokens") {
  CHECK(on_one_line("{\n \"a\" : 1 ,\r\n\t\"b\":[ 1 , 2 ] }") == R"({"a":1,"b":[1,2]})");
  CHECK(on_one_line("1\n2") == "1 2");
  CHECK(on_one_line("tr\n\nue") == "tr ue");
  CHECK(on_one_line("\"a\"\n\"b\"") == "\"a\" \"b\"");
  CHECK(on_one_line(" \n ") == "");
}

TEST_CASE("strings stay whole, open ones too") {
  CHECK(on_one_line(" { \"a \\\\\" : [ 1 , 2 ] , \"b\\\" \" : \" \t") == "{\"a \\\\\":[1,2],\"b\\\" \":\" \t");
  CHECK(on_one_line("\"\\") == "\"\\");
}

TEST_CASE("tokens that are not a number become null") {
  CHECK(without_nan("nan") == "null");
  CHECK(without_nan("[NaN,-nan, +Inf,Infinity,-INFINITY,nan(ind)]") == "[null,null, null,null,null,null]");
  CHECK(without_nan("{\"nan\":\"nan\"}") == "as it was");
  CHECK(without_nan("[nano,1e5,infinite,--nan]") == "as it was");
}

TEST_CASE("what frames a payload is removed") {
  using namespace std::string_view_literals;
  CHECK(without_frame("\xEF\xBB\xBF{}\0\0"sv) == "{}");
  CHECK(without_frame("\0"sv) == "");
  CHECK(without_frame("a\0b"sv) == "a\0b"sv);
}
