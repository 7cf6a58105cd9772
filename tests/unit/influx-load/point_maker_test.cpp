#include "point_maker.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::influx_load;

namespace {

struct Made {
  explicit Made(const Mapping& mapping) : maker(mapping, fields), parser(fields) {}
  std::string operator()(std::string_view line) {
    const Record* record = parser.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    std::string out;
    const Verdict verdict = maker.make(*record, out);
    return verdict.rejected() ? "rejected: " + verdict.reason() : out;
  }
  FieldSet fields;
  PointMaker maker;
  RecordParser parser;
};

Mapping water() {
  Mapping mapping;
  mapping.measurement = "water_quality";
  mapping.tags = {"sensor_id=sensorId", "location:-unknown"};
  mapping.fields = {"value:float", "quality:string", "n:int"};
  mapping.precision = EpochUnit::ms;
  return mapping;
}

}  // namespace

TEST_CASE("a record becomes a point") {
  Made made(water());
  CHECK(made(R"({"sensorId":"ph 1","value":7,"quality":"go\"od","n":-3,"timestamp":"2026-07-01T00:00:00.1239Z"})") ==
        "water_quality,sensor_id=ph\\ 1,location=unknown value=7,quality=\"go\\\"od\",n=-3i 1782864000123");
  CHECK(made(R"({"sensorId":5,"location":"x","value":1e5,"quality":null,"timestamp":"1969-12-31T23:59:59.9995Z"})") ==
        "water_quality,sensor_id=5,location=x value=1e5 -1");
}

TEST_CASE("a tag that may be missing is left out") {
  Mapping mapping = water();
  mapping.tags = {"sensorId", "at=location:-"};
  Made made(mapping);
  const std::string time = R"(,"value":1,"timestamp":"1970-01-01T00:00:01Z"})";
  CHECK(made(R"({"sensorId":"a","location":"x")" + time) == "water_quality,sensorId=a,at=x value=1 1000");
  CHECK(made(R"({"sensorId":"a","location":null)" + time) == "water_quality,sensorId=a value=1 1000");
  CHECK(made(R"({"sensorId":"a","location":"")" + time) == "water_quality,sensorId=a value=1 1000");
  CHECK(made(R"({"sensorId":"a","location":[])" + time).find("rejected: location is a tag and is an object") == 0);
}

TEST_CASE("a record that cannot be a point is rejected with its reason") {
  Made made(water());
  const std::string time = R"(,"timestamp":"2026-07-01T00:00:00Z"})";
  CHECK(made(R"({"value":1)" + time) == "rejected: sensorId is a tag and is missing");
  CHECK(made(R"({"sensorId":"","value":1)" + time) == "rejected: sensorId is a tag and is empty");
  CHECK(made(R"({"sensorId":"a\n","value":1)" + time).find("rejected: sensorId is a tag and holds") == 0);
  CHECK(made(R"({"sensorId":[1],"value":1)" + time).find("rejected: sensorId is a tag and is an object") == 0);
  CHECK(made(R"({"sensorId":"a","value":"1")" + time) == "rejected: value is not a number");
  CHECK(made(R"({"sensorId":"a","value":1e999)" + time) == "rejected: value is not a number");
  CHECK(made(R"({"sensorId":"a","n":1.5)" + time) == "rejected: n is not an integer of 64 bits");
  CHECK(made(R"({"sensorId":"a","n":9223372036854775808)" + time) == "rejected: n is not an integer of 64 bits");
  CHECK(made(R"({"sensorId":"a")" + time) == "rejected: none of the fields is there");
  CHECK(made(R"({"sensorId":"a","value":1})") == "rejected: timestamp is the time and is missing");
  CHECK(made(R"({"sensorId":"a","value":1,"timestamp":"soon"})") == "rejected: timestamp is not a timestamp");
}

TEST_CASE("without a type numbers are floats, and text stays text") {
  Mapping mapping;
  mapping.measurement = "{kind}";
  mapping.fields = {"a", "u:uint", "o"};
  mapping.precision = EpochUnit::s;
  Made made(mapping);
  const std::string time = R"(,"timestamp":"1970-01-01T00:00:02.9Z"})";
  CHECK(made(R"({"kind":"x y","a":1,"u":18446744073709551615)" + time) == "x\\ y a=1,u=18446744073709551615u 2");
  CHECK(made(R"({"kind":"k","a":"1","o":{"p": 1})" + time) == "k a=\"1\",o=\"{\\\"p\\\": 1}\" 2");
  CHECK(made(R"({"kind":"k","a":true)" + time) == "k a=true 2");
  CHECK(made(R"({"kind":"#k","a":true)" + time) == "rejected: the measurement cannot be a name in InfluxDB");
}

TEST_CASE("points of one identity are counted, and told apart") {
  Mapping mapping = water();
  mapping.seq_tag = "seq";
  Made made(mapping);
  const std::string line = R"({"sensorId":"a","value":1,"timestamp":"2026-07-01T00:00:00Z"})";
  CHECK(made(line).find("seq") == std::string::npos);
  CHECK(made(line) == "water_quality,sensor_id=a,location=unknown,seq=1 value=1 1782864000000");
  CHECK(made(line).find(",seq=2 ") != std::string::npos);
  CHECK(made.maker.repeated() == 2);
  Made next(mapping);  // the next run
  next.maker.set_identities(made.maker.identities());
  CHECK(next(line).find(",seq=3 ") != std::string::npos);
}

TEST_CASE("the last identities are known, and no more") {
  Identities identities;
  CHECK(identities.note(1) == 0);
  for (std::uint64_t hash = 2; hash <= Identities::most; ++hash) identities.note(hash);
  CHECK(identities.note(1) == 1);
  for (std::uint64_t hash = 1; hash < Identities::most; ++hash) identities.note(Identities::most + hash);
  CHECK(identities.note(1) == 2);
  for (std::uint64_t hash = 1; hash <= 2 * Identities::most; ++hash) identities.note(4 * Identities::most + hash);
  CHECK(identities.note(1) == 0);
}

TEST_CASE("options that cannot be are refused") {
  const auto refused = [](auto change) {
    Mapping mapping = water();
    change(mapping);
    FieldSet fields;
    CHECK_THROWS_AS(PointMaker(mapping, fields), std::invalid_argument);
  };
  refused([](Mapping& m) { m.fields = {"a:double"}; });
  refused([](Mapping& m) { m.fields = {"time"}; });
  refused([](Mapping& m) { m.fields = {"=a"}; });
  refused([](Mapping& m) { m.tags = {"a:-x\\"}; });
  refused([](Mapping& m) { m.tags = {""}; });
  refused([](Mapping& m) { m.measurement = "{a"; });
  refused([](Mapping& m) { m.measurement = "a\n"; });
}
