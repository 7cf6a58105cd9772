#include "pipeline/number_fields.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;

TEST_CASE("the numbers of a record are read, and what is none is left out and counted") {
  FieldSet fields;
  NumberFields numbers({"a", "b.c", "d"}, fields, false, {100, "to be scored"});
  CHECK(numbers.names() == std::vector<std::string>{"a", "b.c", "d"});
  RecordParser parser(fields);
  Output out;
  REQUIRE_FALSE(numbers.read(*parser.parse_copy(R"({"a":1.50,"b":{"c":null},"d":-100})", 1)).rejected());
  REQUIRE(numbers.readings().size() == 2);
  CHECK(numbers.readings()[0].value == 1.5);
  CHECK(numbers.readings()[0].raw == "1.50");
  CHECK(numbers.readings()[1].field == 2);
  numbers.accept(out);
  REQUIRE(out.messages.size() == 1);
  CHECK(out.messages[0].text == "b.c is null: left out");

  REQUIRE_FALSE(numbers.read(*parser.parse_copy(R"({"a":1,"b":{"c":"x"},"d":100.5})", 2)).rejected());
  numbers.accept(out);
  REQUIRE(out.messages.size() == 3);
  CHECK(out.messages[1].text == "b.c \"x\" is not a number: left out");
  CHECK(out.messages[2].text == "d 100.5 is too great to be scored: left out");

  CHECK(numbers.read(*parser.parse_copy(R"({"a":"x"})", 3)).rejected());
  CHECK_FALSE(numbers.read(*parser.parse_copy(R"({"e":1})", 4)).rejected());
  CHECK(numbers.readings().empty());
}

TEST_CASE("the key of a record's numbers is found or added, as long as there is room") {
  FieldSet fields;
  GroupKey group({"k"}, fields);
  NumberFields numbers({"a"}, fields, false);
  RecordParser parser(fields);
  KeyTable<int> keys(1);
  std::string_view key;
  KeyId id{};
  using OfNull = NumberFields::OfNull;
  const auto read = [&](const char* line, OfNull of_null) {
    return !numbers.read(*parser.parse_copy(line, 1), group, keys, key, id, of_null).rejected();
  };
  CHECK(read(R"({"k":"x","a":null})", OfNull::no_key));
  CHECK(id == KeyTable<int>::full);
  CHECK(keys.size() == 0);
  CHECK(read(R"({"k":"x","a":null})", OfNull::key));
  CHECK(keys.key(id) == key);
  const KeyId first = id;
  CHECK(read(R"({"k":"x","a":1})", OfNull::no_key));
  CHECK(id == first);
  CHECK_FALSE(read(R"({"k":"y","a":1})", OfNull::no_key));
  CHECK(read(R"({"k":"y","a":null})", OfNull::key));
  CHECK(id == KeyTable<int>::full);
  CHECK(read(R"({"k":"y"})", OfNull::key));
  CHECK(id == KeyTable<int>::full);
  CHECK_FALSE(read(R"({"k":[],"a":1})", OfNull::no_key));
}

TEST_CASE("with strict a wrong value rejects the record, and a field named twice is refused") {
  FieldSet fields;
  NumberFields numbers({"a", "b"}, fields, true);
  RecordParser parser(fields);
  CHECK(numbers.read(*parser.parse_copy(R"({"a":1,"b":"x"})", 1)).rejected());
  CHECK_FALSE(numbers.read(*parser.parse_copy(R"({"a":1,"b":1e300})", 2)).rejected());
  CHECK_THROWS_AS(NumberFields({"a", "a"}, fields, false), std::invalid_argument);
}
