// Births, aliases, sequence numbers and values of Sparkplug B; pipelines/mqtt-sparkplug has what another program
// writes.
#include "sparkplug/host.hpp"

#include <protozero/pbf_writer.hpp>

#include "catch.hpp"
#include "saved_state.hpp"

using namespace weir;
using namespace weir::sparkplug;
using Outcome = Host::Outcome;

namespace {

std::string number(unsigned field, std::uint64_t value) {
  std::string made;
  protozero::pbf_writer(made).add_uint64(field, value);
  return made;
}
std::string bytes(unsigned field, std::string_view text) {
  std::string made;
  protozero::pbf_writer(made).add_bytes(field, text.data(), text.size());
  return made;
}
std::string payload(std::uint64_t sequence, std::initializer_list<std::string> metrics) {
  std::string made = number(1, 1'000) + number(3, sequence);
  for (const std::string& metric : metrics) made += bytes(2, metric);
  return made;
}
/// A metric of a birth with a 32-bit integer.
std::string named(std::string_view name, std::uint64_t alias, std::uint64_t type, std::uint64_t value) {
  return bytes(1, name) + number(2, alias) + number(4, type) + number(10, value);
}
std::string of_alias(std::uint64_t alias, std::uint64_t value) { return number(2, alias) + number(10, value); }

/// Host and what it made of messages: lines without their times, and reasons.
struct Made {
  Host host{};
  std::vector<std::string> lines{};

  Outcome say(const std::string& topic, std::string_view bytes, Time received = {}) {
    return host.read("spBv1.0/" + topic, bytes, received,
                     [this](std::string_view line, std::string_view metric, std::string_view reason) {
                       const auto at = line.find(",\"group\"");
                       lines.push_back(reason.empty() ? std::string(line.substr(at + 1))
                                                      : "! " + std::string(metric) + ": " + std::string(reason));
                     });
  }
};

std::string value(std::uint64_t type, std::uint64_t bits) {
  Made made;
  made.say("g/NBIRTH/n", payload(0, {named("x", 1, type, bits)}));
  const std::string& line = made.lines.at(0);
  return line.substr(line.rfind(':') + 1);
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("aliases are those of the birth, for node and device") {
  Made made;
  CHECK(made.say("g/NBIRTH/n", payload(0, {named("bdSeq", 0, 4, 1), named("load", 1, 3, 5)})) == Outcome::taken);
  CHECK(made.say("g/DBIRTH/n/d",
                 payload(1, {named("t", 2, 3, 6) + bytes(9, bytes(1, "engUnit") + bytes(2, bytes(8, "Cel")))})) ==
        Outcome::taken);
  CHECK(made.say("g/DDATA/n/d", payload(2, {of_alias(2, 0xffffffff), of_alias(3, 1)})) == Outcome::taken);
  CHECK(made.lines ==
        Lines{R"("group":"g","node":"n","message":"NBIRTH","name":"load","value":5})",
              R"("group":"g","node":"n","device":"d","message":"DBIRTH","name":"t","unit":"Cel","value":6})",
              R"("group":"g","node":"n","device":"d","message":"DDATA","name":"t","unit":"Cel","value":-1})",
              "! : alias 3 is not known: its birth has not come"});
  CHECK(made.host.gaps() == 0);
  const std::string state = test::saved_state(made.host);
  Made restored;
  test::load_state(restored.host, state);
  restored.say("g/DDATA/n/d", payload(3, {of_alias(2, 7)}));
  CHECK(restored.lines.at(0).ends_with(R"("name":"t","unit":"Cel","value":7})"));
  CHECK(restored.host.gaps() == 0);
}

TEST_CASE("gaps and missing births are counted, named, and asked about once in ten seconds") {
  Made made;
  const Time start{std::chrono::seconds(100)};
  made.say("g/DDATA/n/d", payload(4, {}), start);
  CHECK(made.host.notice() == "g/n: DDATA without a birth");
  CHECK(made.host.rebirth_topic() == std::optional<std::string>("spBv1.0/g/NCMD/n"));
  made.say("g/NBIRTH/n", payload(255, {}), start);
  CHECK(made.host.notice().empty());
  made.say("g/NDATA/n", payload(0, {}), start);
  CHECK(made.host.notice().empty());
  made.say("g/NDATA/n", payload(2, {}), start);
  CHECK(made.host.notice() == "g/n: sequence number 2 instead of 1: messages are lost or came in another order");
  CHECK_FALSE(made.host.rebirth_topic());
  made.say("g/NDATA/n", payload(4, {}), start + std::chrono::seconds(10));
  CHECK(made.host.rebirth_topic());
  CHECK(made.host.gaps() == 2);
  CHECK(made.host.without_birth() == 1);
}

TEST_CASE("a death is a line, but for one that an earlier birth announced") {
  Made made;
  made.say("g/NBIRTH/n", payload(0, {named("bdSeq", 0, 4, 3)}));
  CHECK(made.say("g/NDEATH/n", payload(0, {named("bdSeq", 0, 4, 2)})) == Outcome::ignored);
  CHECK(made.say("g/DDEATH/n/d", payload(1, {})) == Outcome::taken);
  CHECK(made.say("g/NDEATH/n", payload(0, {named("bdSeq", 0, 4, 3)})) == Outcome::taken);
  CHECK(made.lines == Lines{R"("group":"g","node":"n","device":"d","message":"DDEATH"})",
                            R"("group":"g","node":"n","message":"NDEATH"})"});
  made.say("g/NDATA/n", payload(2, {}));
  CHECK(made.host.notice() == "g/n: NDATA without a birth");
}

TEST_CASE("values by their types") {
  CHECK(value(1, 255) == "-1}");
  CHECK(value(2, 0xffff8000) == "-32768}");
  CHECK(value(3, 0x80000000) == "-2147483648}");
  CHECK(value(7, 0xffffffff) == "4294967295}");
  CHECK(value(4, 0xffffffffffffffff) == "-1}");
  CHECK(value(16, 1) == " the type DataSet of 'x' is not a single value");
  Made made;
  made.say("g/NBIRTH/n", payload(0, {bytes(1, "x") + bytes(15, "\xff"), bytes(1, "y") + number(7, 1),
                                     bytes(1, "z") + bytes(16, "abc"), bytes(1, "w") + number(14, 1)}));
  CHECK(made.lines.at(0) == "! x: the value is not UTF-8");
  CHECK(made.lines.at(1).ends_with(R"("value":null})"));
  CHECK(made.lines.at(2).ends_with(R"("value_base64":"YWJj"})"));
  CHECK(made.lines.at(3).ends_with(R"("value":true})"));
}

TEST_CASE("what is not of Sparkplug") {
  Made made;
  for (const char* topic : {"", "g/NDATA", "g/NDATA/n/d", "g/DDATA/n", "g/OTHER/n", "g/DDATA/n/d/e"})
    CHECK(made.say(topic, "") == Outcome::refused);
  CHECK(made.say("g/NDATA/n", "\xff") == Outcome::refused);
  CHECK(made.host.reason() == "the payload is not Sparkplug's protobuf");
  for (const char* topic : {"STATE/host", "g/NCMD/n", "g/DCMD/n/d"}) CHECK(made.say(topic, "x") == Outcome::ignored);
  CHECK(made.lines.empty());
}
