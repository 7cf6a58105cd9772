#include "record/group_key.hpp"

#include <stdexcept>
#include <utility>

#include "catch.hpp"
#include "record/field_as.hpp"
#include "record/parser.hpp"

namespace {

/// The key of one record, or the reason for the reject.
std::string key_of(const std::vector<std::string>& paths, std::string_view line) {
  weir::FieldSet fields;
  weir::GroupKey group(paths, fields);
  weir::RecordParser parser(fields);
  const weir::Record* record = parser.parse_copy(line, 1);
  REQUIRE(record != nullptr);
  std::string_view key;
  if (const auto verdict = group.read(*record, key); verdict.rejected()) return "rejected: " + verdict.reason();
  return std::string(key);
}

std::string members_of(const std::vector<std::string>& paths, std::string_view line) {
  weir::FieldSet fields;
  const weir::GroupKey group(paths, fields);
  std::string out;
  group.append_members(out, key_of(paths, line));
  return out;
}

}  // namespace

TEST_CASE("a key comes back as members") {
  CHECK(members_of({"city"}, R"({"city":"Athens"})") == R"(,"city":"Athens")");
  CHECK(members_of({"city", "n"}, R"({"n":1.50,"city":"A \"q\""})") == R"(,"city":"A \"q\"","n":1.50)");
  CHECK(members_of({"a.b", R"(c\.d)"}, R"({"a":{"b":true},"c.d":null})") == R"(,"a.b":true,"c.d":null)");
  CHECK(members_of({"city"}, R"({})") == R"(,"city":null)");
  CHECK(members_of({}, R"({"city":"Athens"})").empty());
}

TEST_CASE("the same string is the same key however it is escaped") {
  CHECK(key_of({"k"}, R"({"k":"\u0041b"})") == key_of({"k"}, R"({"k":"Ab"})"));
  CHECK(key_of({"k", "l"}, R"({"k":"a","l":"b"})") != key_of({"k", "l"}, R"({"k":"ab","l":""})"));
  CHECK(key_of({"k"}, R"({"k":"1"})") != key_of({"k"}, R"({"k":1})"));
  CHECK(key_of({"k"}, R"({"k":null})") == key_of({"k"}, R"({})"));
}

TEST_CASE("an invalid key is rejected") {
  CHECK(key_of({"k"}, R"({"k":[1]})") ==
        "rejected: k is an object or array; a key is a string, a number, a boolean or null");
  CHECK(key_of({"k"}, "{\"k\":\"" + std::string(5000, 'x') + "\"}") == "rejected: the key is longer than 4096 bytes");
}

TEST_CASE("a field cannot be named twice") {
  weir::FieldSet fields;
  CHECK_THROWS_AS(weir::GroupKey({"a", "a"}, fields), std::invalid_argument);
  CHECK_THROWS_AS(weir::GroupKey({"a."}, fields), std::invalid_argument);
}

TEST_CASE("keys are ordered field by field") {
  const auto order = [](std::string_view a, std::string_view b) {
    const std::vector<std::string> by{"k", "l"};
    return weir::GroupKey::compare(key_of(by, a), key_of(by, b));
  };
  CHECK(order(R"({"k":"ab","l":2})", R"({"k":"ab c","l":1})") < 0);
  CHECK(order(R"({"k":"a","l":9})", R"({"k":"a","l":10})") < 0);
  CHECK(order(R"({"k":2,"l":0})", R"({"k":"1","l":0})") < 0);
  CHECK(order(R"({"l":0})", R"({"k":false,"l":0})") < 0);
  CHECK(order(R"({"k":"a","l":9})", R"({"k":"a","l":9})") == 0);
}

TEST_CASE("a field of the key may have another name") {
  const std::string line = R"({"window_start":"x","site":{"name":"a"}})";
  CHECK(members_of({"window_start as session", "site.name  as  site"}, line) == R"(,"session":"x","site":"a")");
  CHECK(members_of({R"(window_start as "b" as c)"}, line) == R"(,"c":null)");  // the last one
}

TEST_CASE("a field and its name, or the form that is wanted") {
  CHECK(weir::read_field_as(R"( a\.b )").path == R"(a\.b)");
  CHECK(weir::read_field_as("a").name.empty());
  CHECK(weir::read_field_as("as").path == "as");
  CHECK(weir::read_field_as("base asset").path == "base asset");
  CHECK(weir::read_field_as("room temp as air temp").name == "air temp");
  const auto problem = [](const char* text) -> std::string {
    try {
      return weir::read_field_as(text).path;
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  };
  CHECK(problem("city AS x") == "'city AS x' has 'as' in capitals; the form is FIELD as NAME");
  CHECK(problem("city as ") == "'city as' has no name after 'as'; the form is FIELD as NAME");
  CHECK(problem(R"(city as "a b")") == R"('city as "a b"' has a name in quotes; the form is FIELD as NAME)");
  CHECK(problem("as x") == "'as x' has no field before 'as'; the form is FIELD as NAME");
  CHECK(problem("  ") == "'' has no field; the form is FIELD as NAME");
}
