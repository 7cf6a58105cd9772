#include "message_writer.hpp"

#include <fmt/format.h>

#include "catch.hpp"
#include "parsed.hpp"

using namespace weir;
using namespace weir::alert_notify;

namespace {

const std::string bod =
    R"({"timestamp":"2026-07-02T13:00:00Z","state":"firing","level":"critical","rule":"BOD","value":112.50,"threshold":100,"plantId":"north","parameter":"BOD","message":"BOD <112> & more"})";

ChannelSpec channel(Service service, std::string name, std::map<std::string, std::vector<std::string>> values = {}) {
  ChannelSpec spec;
  spec.service = service;
  spec.name = std::move(name);
  spec.values = std::move(values);
  return spec;
}

struct Desktop {
  explicit Desktop(std::vector<ChannelSpec> channels, const std::map<std::string, Texts>& texts = {})
      : reader({}, fields), parser(fields), writer(channels, texts) {}

  Message write(const std::vector<std::string>& lines, const std::string& to, Cause kind = Cause::firing) {
    alerts.clear();
    for (const std::string& line : lines) REQUIRE_FALSE(reader.read(test::parsed(parser, line), alerts).rejected());
    const std::vector<std::string> channels{to};
    Notice notice{kind, kind != Cause::resolved, {}, channels, "p-7", "BOD/north", "r"};
    for (const Alert& each : alerts) notice.alerts.push_back(&each);
    return writer.write(notice, to);
  }

  FieldSet fields;
  AlertReader reader;
  RecordParser parser;
  MessageWriter writer;
  std::vector<Alert> alerts;
};

/// Characters beyond the basic plane count twice.
std::size_t units(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) count += byte >= 0xf0 ? 2 : 1;
  }
  return count;
}

}  // namespace

TEST_CASE("the default texts of a critical alert, a warning and an end") {
  Desktop desk({channel(Service::mail, "mail"), channel(Service::sms, "sms")});
  const Message mail = desk.write({bod}, "mail");
  CHECK(mail.subject == "🚨 CRITICAL: BOD Alert");
  CHECK(mail.text == "Critical alert at north: BOD <112> & more");
  CHECK(desk.write({bod}, "sms").text == "CRITICAL: BOD = 112.50 at north [p-7]");
  CHECK(desk.write({R"({"level":"warning","rule":"pH","message":"m"})"}, "sms").text == "WARNING: pH [p-7]");
  CHECK(desk.write({R"({"level":"info","rule":"pH","message":"m"})"}, "mail").subject == "INFO: pH");
  CHECK(desk.write({R"({"state":"resolved","level":"critical","rule":"pH","message":"m"})"}, "mail", Cause::resolved)
            .text == "Resolved: m");
  CHECK(desk.write({bod}, "mail", Cause::reminder).subject == "Still: 🚨 CRITICAL: BOD Alert");
  CHECK(desk.write({R"({"a":1})"}, "mail").text == R"(Warning at 1: {"a":1})");
}

TEST_CASE("several alerts make one message") {
  Desktop desk({channel(Service::mail, "mail"), channel(Service::sms, "sms")});
  const Message mail = desk.write({bod, R"({"rule":"pH","message":"m"})", R"({"rule":"x","message":"n"})"}, "mail");
  CHECK(mail.subject == "🚨 CRITICAL: BOD Alert (+2 more)");
  CHECK(mail.text == "Critical alert at north: BOD <112> & more\nWarning: m\nWarning: n");
  std::vector<std::string> many(200, R"({"rule":"x","message":"n"})");
  CHECK_THAT(desk.write(many, "mail").text, contains_text("\n… and 150 more"));
  CHECK(desk.write({bod, bod}, "sms").text == "CRITICAL: BOD = 112.50 at north (+1 more) [p-7]");
}

TEST_CASE("templates have fields, defaults, words and braces") {
  Desktop desk({channel(Service::mail, "mail")},
               {{"critical", {"{plantId} {{x}} {none:-nothing} {none}", "{threshold} {count} {id} {LEVEL} {what}", ""}},
                {"odd", {"odd {level}", "", ""}}});
  const Message mail = desk.write({bod}, "mail");
  CHECK(mail.subject == "north {x} nothing null");
  CHECK(mail.text == "100 1 p-7 CRITICAL BOD");
  CHECK(desk.write({R"({"level":"odd","message":"m"})"}, "mail").subject == "odd odd");
  FieldSet fields;
  CHECK_THROWS_WITH(Template("a {b", fields), contains_text("is not closed"));
  CHECK_THROWS_WITH(Template("a }", fields), contains_text("stands alone"));
  CHECK_THROWS_WITH(Template("a {}", fields), contains_text("no name"));
}

TEST_CASE("no text is longer than its service takes, and none is cut within a character") {
  Desktop desk({channel(Service::sms, "sms"), channel(Service::slack, "slack"), channel(Service::pagerduty, "pd"),
                channel(Service::mail, "mail")});
  for (const std::string piece : {"x", "é", "€", "🚨"}) {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += piece;
    const std::string line = fmt::format(R"({{"level":"critical","rule":"{}","message":"{}"}})", text, text);
    const Message sms = desk.write({line}, "sms");
    CHECK(units(sms.text) <= 1600);
    CHECK(units(sms.text) >= 1598);
    CHECK(sms.text.ends_with("… [p-7]"));
    const std::string pagerduty = desk.write({line}, "pd").body;
    RecordParser parser([] {
      static FieldSet fields;
      fields.add("payload.summary");
      return fields;
    }());
    const std::string_view summary = test::parsed(parser, pagerduty)[FieldId{0}].text;
    CHECK(units(summary) <= 1024);
    CHECK(units(summary) >= 1022);
    CHECK(units(desk.write({line}, "mail").subject) <= 250);
    CHECK(units(desk.write({line}, "slack").body) <= 40'000 + 20);
  }
  CHECK(cut("abc", 3) == "abc");
  CHECK(cut("abcd", 3) == "ab…");
  CHECK(cut("ab🚨", 3) == "ab…");
  CHECK(cut("ab🚨", 4) == "ab🚨");
}

TEST_CASE("bodies of the services") {
  Desktop desk({channel(Service::slack, "slack"), channel(Service::pagerduty, "pd", {{"source", {"plant"}}}),
                channel(Service::webhook, "hook"), channel(Service::webhook, "weir", {{"format", {"weir"}}}),
                channel(Service::webhook, "ce", {{"format", {"cloudevents"}}}),
                channel(Service::webhook, "am", {{"format", {"alertmanager"}}}), channel(Service::alertmanager, "ama"),
                channel(Service::mqtt, "mqtt", {{"topic", {"a/{plantId}/{city:-none}"}}})});
  CHECK(desk.write({bod}, "slack").body ==
        R"({"text":"🚨 CRITICAL: BOD Alert\nCritical alert at north: BOD &lt;112&gt; &amp; more\n[p-7]"})");
  CHECK(desk.write({bod}, "hook").body == bod);
  CHECK(desk.write({bod, bod}, "hook").body == fmt::format(R"({{"alerts":[{},{}]}})", bod, bod));
  CHECK_THAT(
      desk.write({bod}, "weir").body,
      contains_text(R"({"id":"p-7","kind":"firing","state":"firing","level":"critical","dedup_key":"BOD/north")"));
  CHECK_THAT(
      desk.write({bod}, "ce").body,
      contains_text(
          R"({"specversion":"1.0","id":"p-7","source":"weir/alert-notify","type":"weir.alert.firing","time":"2026-07-02T13:00:00Z")"));
  CHECK_THAT(
      desk.write({bod}, "pd").body,
      contains_text(
          R"({"event_action":"trigger","dedup_key":"BOD/north","payload":{"summary":"🚨 CRITICAL: BOD Alert: Critical alert at north: BOD <112> & more","source":"plant","severity":"critical")"));
  CHECK_THAT(
      desk.write({bod}, "am").body,
      contains_text(
          R"("alerts":[{"status":"firing","labels":{"alertname":"BOD","severity":"critical","parameter":"BOD","plantId":"north"})"));
  CHECK(
      desk.write(
              {R"({"timestamp":"2026-07-02T13:00:00Z","state":"resolved","rule":"a","since":"2026-07-02T12:00:00Z","sensor id":7})"},
              "ama", Cause::resolved)
          .body ==
      R"([{"labels":{"alertname":"a","severity":"warning","sensor_id":"7"},"annotations":{"summary":"{\"timestamp\":\"2026-07-02T13:00:00Z\",\"state\":\"resolved\",\"rule\":\"a\",\"since\":\"2026-07-02T12:00:00Z\",\"sensor id\":7}","id":"p-7"},"startsAt":"2026-07-02T12:00:00Z","endsAt":"2026-07-02T13:00:00Z"}])");
  CHECK(desk.write({R"({"plantId":"a+b#\u0000c"})"}, "mqtt").target == "a/a_b__c/none");
  CHECK_THROWS_WITH(parse_format("xml"), contains_text("cloudevents"));
}

TEST_CASE("a line break in a value does not reach a header") {
  Desktop desk({channel(Service::mail, "mail")}, {{"default", {"{rule} {x}", "", ""}}});
  CHECK(desk.write({R"({"level":"other","rule":"a\r\nBcc: b@example.org","x":"\u0000\u007f"})"}, "mail").subject ==
        "a  Bcc: b@example.org   ");
}
