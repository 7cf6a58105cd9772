#include "record/field_watch.hpp"

#include "catch.hpp"
#include "parsed.hpp"
#include "saved_state.hpp"

using namespace weir;
using namespace weir::test;

namespace {

struct Watched {
  explicit Watched(const std::vector<std::string>& paths) : watch(named(paths), fields), parser(fields) {}

  std::vector<NamedField> named(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) fields.add(path);
    return named_fields_of("--by", paths);
  }
  void give(std::string_view line) { watch.look(parsed(parser, line)); }

  FieldSet fields;
  FieldWatch watch;
  RecordParser parser;
};

}  // namespace

TEST_CASE("a field that no record has is named, with the nearest one") {
  Watched seen({"temp"});
  CHECK(seen.watch.messages("").empty());
  seen.give(R"({"tmp":1,"hum":2})");
  CHECK(seen.watch.waits());
  CHECK(seen.watch.messages(" so far") ==
        std::vector<std::string>{"no record has a field 'temp' so far (--by); the nearest is 'tmp'"});
}

TEST_CASE("without a like name the fields there are are named") {
  Watched seen({"xyz"});
  seen.give(R"({"city":1,"hum":{"in":2,"out":3}})");
  CHECK(seen.watch.messages("") ==
        std::vector<std::string>{"no record has a field 'xyz' (--by); there are city, hum.in, hum.out"});
}

TEST_CASE("names within the elements of lists; one name alone") {
  Watched seen({"rx.0.rsi"});
  seen.give(R"({"rx":[{"rssi":-90,"snr":7},{"rssi":-95}]})");
  CHECK(seen.watch.messages("") ==
        std::vector<std::string>{"no record has a field 'rx.0.rsi' (--by); the nearest is 'rx.0.rssi'"});
  Watched second({"rx.1.rsi"});
  second.give(R"({"rx":[{"rssi":-90},{"rssi":-95}]})");
  CHECK(second.watch.messages("").front().ends_with("; the nearest is 'rx.1.rssi'"));
  Watched one({"city"});
  one.give(R"({"rx":[1,2]})");
  CHECK(one.watch.messages("").front().ends_with("; the only one is 'rx'"));
}

TEST_CASE("once each field has come, nothing is awaited; null is there") {
  Watched seen({"a", "b.c"});
  seen.give(R"({"a":null})");
  CHECK(seen.watch.waits());
  seen.give(R"({"b":{"c":1}})");
  CHECK_FALSE(seen.watch.waits());
  CHECK(seen.watch.messages("").empty());
}

TEST_CASE("it is enough after a thousand records") {
  Watched seen({"a"});
  for (std::uint64_t i = 1; i < FieldWatch::enough_records; ++i) seen.give("{}");
  CHECK_FALSE(seen.watch.is_enough());
  seen.give("{}");
  CHECK(seen.watch.is_enough());
}

TEST_CASE("fields that came in an earlier run are not awaited") {
  Watched first({"a", "b"});
  first.give(R"({"a":1})");
  Watched second({"a", "b"});
  load_state(second.watch, saved_state(first.watch));
  second.give("{}");
  REQUIRE(second.watch.messages("").size() == 1);
  CHECK(second.watch.messages("").front().find("'b'") != std::string::npos);
}

TEST_CASE("the nearest name") {
  const std::set<std::string> names{"event_id", "temperature_c", "humidity", "main.temp"};
  CHECK(nearest_name("event-id", names) == "event_id");
  CHECK(nearest_name("temprature_c", names) == "temperature_c");
  CHECK(nearest_name("Temperature_C", names) == "temperature_c");
  CHECK(nearest_name("tmp", {"city", "temp"}) == "temp");
  CHECK(nearest_name("humidtiy", names) == "humidity");
  CHECK(nearest_name("pressure", names).empty());
}

TEST_CASE("a column that no record has is looked for among the members") {
  FieldSet fields;
  fields.read_members();
  FieldWatch watch({{"humidty", "--columns"}, {"a.b", "--columns"}}, fields);
  RecordParser parser(fields);
  watch.look(parsed(parser, R"({"humidity":1,"a.b":null})"));
  CHECK(watch.messages("") ==
        std::vector<std::string>{"no record has a field 'humidty' (--columns); the nearest is 'humidity'"});
}

TEST_CASE("values that no record has are named together") {
  FieldSet fields;
  fields.add("parameter");
  FieldWatch watch({{"parameter", "--parameter"},
                    {"parameter", "--range", "ph"},
                    {"parameter", "--range", "BOD"},
                    {"parameter", "--range", "COD"},
                    {"parameter", "--range", "turbidity"}},
                   fields);
  RecordParser parser(fields);
  watch.look(parsed(parser, R"({"parameter":"pH"})"));
  watch.look(parsed(parser, R"({"parameter":"BOD"})"));
  CHECK(watch.waits());
  CHECK_FALSE(watch.waits_for_field());
  CHECK(watch.messages("") ==
        std::vector<std::string>{"no record has the parameter 'COD', 'ph', 'turbidity' (--range); there are BOD, pH"});
  FieldWatch again({{"parameter", "--range", "ph"}, {"parameter", "--range", "BOD"}}, fields);
  load_state(again, saved_state(watch));
  CHECK(again.messages("").empty());
  again.look(parsed(parser, R"({"parameter":"BOD"})"));
  CHECK(again.messages("") ==
        std::vector<std::string>{"no record has the parameter 'ph' (--range); the only one is 'BOD'"});
  again.look(parsed(parser, R"({"parameter":"ph"})"));
  CHECK_FALSE(again.waits());
}
