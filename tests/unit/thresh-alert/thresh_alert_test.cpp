#include "thresh_alert.hpp"

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::thresh_alert;

namespace {

Settings settings_of(std::vector<std::string> rules, std::vector<std::string> by = {"k"}) {
  Settings settings;
  settings.time.epochs = weir::Epochs::any;
  settings.rules.rules = std::move(rules);
  settings.by = std::move(by);
  return settings;
}

/// A stage that is given lines. Its output is shortened to `key state level time`.
class Fed {
 public:
  explicit Fed(Settings settings) : stage(std::move(settings)), parser(stage.fields()) { out.sides.resize(1); }

  std::string line(const std::string& text) {
    const Record* record = parser.parse_copy(text, 1);
    REQUIRE(record != nullptr);
    const Verdict verdict = stage.on_record(*record, out);
    return verdict.reason();
  }
  std::string record(const std::string& key, int minute, const std::string& v = "0") {
    return line(R"({"timestamp":")" + format_time(Time(std::chrono::minutes(minute))) + R"(","k":")" + key +
                R"(","v":)" + v + "}");
  }
  std::string changes() {
    FieldSet fields;
    const FieldId key = fields.add("k"), state = fields.add("state"), level = fields.add("level"),
                  time = fields.add("timestamp");
    RecordParser alerts(fields, Checking::every_token);
    std::string all;
    for (std::size_t at = 0; at < out.lines.size();) {
      const std::size_t end = out.lines.find('\n', at);
      const Record* alert = alerts.parse_copy(std::string_view(out.lines).substr(at, end - at), 1);
      REQUIRE(alert != nullptr);
      all += std::string((*alert)[key].text) + " " + std::string((*alert)[state].text) + " " +
             std::string((*alert)[level].text) + " " + std::string((*alert)[time].text.substr(11, 5)) + "; ";
      at = end + 1;
    }
    out.lines.clear();
    return all;
  }

  ThreshAlert stage;
  RecordParser parser;
  Output out;
};

}  // namespace

TEST_CASE("a transition's line has its fields in their order, the value in its digits") {
  Fed fed(settings_of({"hot: v > 35 clear <= 33"}));
  fed.line(R"({"k":"A","timestamp":"2026-01-01 02:00:00+02:00","v":36.10})");
  CHECK(fed.out.released);
  CHECK(
      fed.out.lines ==
      R"({"timestamp":"2026-01-01T00:00:00Z","state":"firing","level":"warning","rule":"hot","value":36.10,"threshold":35,"k":"A","since":"2026-01-01T00:00:00Z","message":"A: hot (warning): value 36.10, threshold 35"})"
      "\n");
}

TEST_CASE("keys have alerts of their own; a missing key is a null one") {
  Fed fed(settings_of({"v > 1"}));
  fed.record("A", 0, "2");
  fed.record("B", 0, "1");
  fed.line(R"({"timestamp":"1970-01-01T00:00:00Z","v":2})");
  fed.line(R"({"timestamp":"1970-01-01T00:01:00Z","k":null,"v":0})");
  CHECK(fed.changes() == "A firing warning 00:00; null firing warning 00:00; null resolved warning 00:01; ");
  CHECK(fed.line(R"({"timestamp":"1970-01-01T00:01:00Z","k":[],"v":0})") ==
        "k is an object or array; a key is a string, a number, a boolean or null");
}

TEST_CASE("a record that cannot be used leaves no trace") {
  Settings settings = settings_of({"v > 1 for 1m", "w > 1"});
  settings.strict = true;
  Fed fed(settings);
  CHECK(fed.line(R"({"k":"A","v":2})") == "no usable time: timestamp is missing (--time names the field)");
  CHECK(fed.line(R"({"timestamp":null,"k":"A","v":2})") == "no usable time: timestamp is null");
  CHECK(fed.line(R"({"timestamp":"soon","k":"A","v":2})") == R"(no usable time: timestamp "soon" is not a time)");
  CHECK(fed.line(R"({"timestamp":"1970-01-01T00:00:00Z","k":"A","v":2,"w":"x"})") ==
        "w is a string and cannot be compared so");
  CHECK(fed.record("A", 1, "2").empty());
  CHECK(fed.changes() == "");  // the breach did not begin with the rejected record
  fed.record("A", 2, "2");
  CHECK(fed.changes() == "A firing warning 00:02; ");
}

TEST_CASE("a record too long to be held is rejected where a rule may hold it") {
  const std::string record = R"({"timestamp":"1970-01-01T00:00:01Z","k":"A","v":2,"text":")" + std::string(70'000, 'x');
  Fed timed(settings_of({"v > 1 for 1m"}));
  CHECK(timed.line(record + "\"}") == "the record is longer than 65536 bytes, the most that is kept for a key");
  Settings settings = settings_of({"v > 1 for 1m"});
  settings.output = AlertOutput::annotate;
  Fed annotated(settings);
  CHECK(annotated.line(record + "\"}").empty());
  Fed at_once(settings_of({"v > 1"}));
  CHECK(at_once.line(record + "\"}").empty());
}

TEST_CASE("a value of the wrong type costs its own rule alone") {
  Fed fed(settings_of({"v > 1", "w > 1"}));
  CHECK(fed.line(R"({"timestamp":"1970-01-01T00:00:00Z","k":"A","v":2,"w":"x"})").empty());
  CHECK(fed.changes() == "A firing warning 00:00; ");
  REQUIRE(fed.out.messages.size() == 1);
  CHECK(fed.out.messages[0].text == "w is a string and cannot be compared so: its rule cannot tell");
  CHECK(fed.stage.counts().text() == "1 record with a value of the wrong type for a rule");
  CHECK(fed.line(R"({"timestamp":"1970-01-01T00:00:00Z","k":"A","v":"y","w":"x"})") ==
        "v is a string and cannot be compared so");  // nothing of it can be used
  CHECK(fed.stage.counts().text() == "1 record with a value of the wrong type for a rule");
}

TEST_CASE("a record older than one before of its key changes nothing and is kept aside") {
  Fed fed(settings_of({"v > 1"}));
  fed.record("A", 10, "0");
  fed.record("A", 9, "2");
  fed.record("B", 9, "2");   // of another key it is not late
  fed.record("A", 10, "2");  // the same time is not older
  CHECK(fed.changes() == "B firing warning 00:09; A firing warning 00:10; ");
  CHECK(fed.out.sides[0] == "{\"timestamp\":\"1970-01-01T00:09:00Z\",\"k\":\"A\",\"v\":2}\n");
  CHECK(fed.stage.counts().text() ==
        "1 late record older than another of their key: left out (--late FILE keeps them, --late drop does not)");
}

TEST_CASE("absence is noticed by other keys, by watermarks, and by the key's own return") {
  Fed fed(settings_of({"absent for 10m"}));
  fed.record("A", 0);
  fed.record("B", 10);
  CHECK(fed.changes() == "");  // ten minutes are not longer than ten minutes
  fed.record("B", 11);
  CHECK(fed.changes() == "A firing absent 00:10; ");
  fed.stage.on_watermark(Time(std::chrono::minutes(21)), fed.out);
  CHECK(fed.changes() == "");
  fed.stage.on_watermark(Time(std::chrono::minutes(60)), fed.out);
  CHECK(fed.changes() == "B firing absent 00:21; ");
  fed.record("A", 61);
  CHECK(fed.changes() == "A resolved absent 01:01; ");
  fed.record("A", 90);
  CHECK(fed.changes() == "A firing absent 01:11; A resolved absent 01:30; ");
}

TEST_CASE("for fires by the time of other keys and of watermarks, from the last known record") {
  Fed fed(settings_of({"v > 1 for 10m"}));
  fed.record("A", 0, "2");
  fed.record("A", 3, "5");
  fed.record("A", 4, "null");
  fed.record("B", 10);
  CHECK(fed.changes() == "");
  fed.record("C", 11, "2");
  CHECK(fed.out.lines.find(R"("value":5,"threshold":1,"k":"A","since":"1970-01-01T00:00:00Z")") != std::string::npos);
  CHECK(fed.changes() == "A firing warning 00:10; ");
  fed.record("D", 11, "2");
  fed.stage.on_watermark(Time(std::chrono::minutes(21)), fed.out);
  CHECK(fed.changes() == "");
  fed.stage.on_watermark(Time(std::chrono::minutes(22)), fed.out);
  CHECK(fed.changes() == "C firing warning 00:21; D firing warning 00:21; ");
}

TEST_CASE("no transition is earlier than the one before") {
  Fed fed(settings_of({"v > 1 for 10m"}));
  fed.record("A", 0, "2");
  fed.record("B", 30);
  fed.record("A", 5, "0");  // not late for its key, but the alert has been written
  CHECK(fed.changes() == "A firing warning 00:10; A resolved warning 00:10; ");
  Fed absent(settings_of({"absent for 65m"}));
  absent.record("A", 0);
  absent.record("B", 70);
  absent.record("A", 60);
  CHECK(absent.changes() == "A firing absent 01:05; A resolved absent 01:05; ");
}

TEST_CASE("a silence that only records could show is reported") {
  Fed fed(settings_of({"absent for 10m"}));
  fed.record("A", 0);
  CHECK(fed.stage.counts().text() ==
        "no watermark came, so a silence of all keys goes unnoticed (--heartbeat of the source)");
  fed.stage.on_watermark(Time(std::chrono::minutes(1)), fed.out);
  CHECK(fed.stage.counts().text().empty());
}

TEST_CASE("lateness keeps disorder between keys from being taken for silence") {
  Settings settings = settings_of({"absent for 10m"});
  settings.lateness = std::chrono::minutes(5);
  Fed fed(std::move(settings));
  fed.record("A", 0);
  fed.record("B", 15);
  fed.record("A", 9);
  CHECK(fed.changes() == "");
  fed.record("B", 24);
  CHECK(fed.changes() == "");
  fed.record("B", 25);
  CHECK(fed.changes() == "A firing absent 00:19; ");
}

TEST_CASE("at --max-keys quiet keys make room; a key too many is rejected") {
  Settings settings = settings_of({"v > 1"});
  settings.max_keys = 3;
  Fed fed(std::move(settings));
  fed.record("A", 0, "2");
  fed.record("B", 0, "0");
  fed.record("C", 0, "0");
  CHECK(fed.record("D", 1, "2").empty());
  CHECK(fed.record("E", 1, "2").empty());
  CHECK(fed.record("F", 1, "2") == "a new key, and 3 others are held (--max-keys)");
  fed.record("A", 2, "0");
  CHECK(fed.changes() ==
        "A firing warning 00:00; D firing warning 00:01; E firing warning 00:01; A resolved warning 00:02; ");
  CHECK(fed.record("F", 2, "2").empty());
  CHECK(fed.changes() == "F firing warning 00:02; ");
  CHECK(fed.stage.counts().text() == "3 quiet keys forgotten for new ones (--max-keys)");
}

TEST_CASE("a forgotten key's deadline means nothing to the next in its place") {
  Settings settings = settings_of({"v > 1"});
  settings.rules_file = "rules.toml";
  settings.rules_text = "[parameter.watched]\nabsent = \"10m\"\n";
  settings.max_keys = 1;
  Fed fed(std::move(settings));
  fed.line(R"({"timestamp":"1970-01-01T00:00:00Z","k":"A","v":0,"parameter":"watched"})");
  CHECK(fed.record("B", 5, "0") == "a new key, and 1 others are held (--max-keys)");  // a watched key stays
  fed.record("A", 30, "0");
  CHECK(fed.changes() == "A firing absent 00:10; ");
}

TEST_CASE("the comparison that holds gives value and threshold") {
  Fed fed(settings_of({"v < 6.5 or v > 9", "smart: current < 0.5 * baseline and connected == true"}));
  fed.line(R"({"timestamp":"1970-01-01T00:00:00Z","k":"A","v":10.0})");
  CHECK(fed.out.lines.find(R"("value":10.0,"threshold":9,)") != std::string::npos);
  fed.out.lines.clear();
  fed.line(R"({"timestamp":"1970-01-01T00:01:00Z","k":"A","current":3,"baseline":7,"connected":true})");
  CHECK(fed.out.lines.find(R"("rule":"smart","value":3,"threshold":3.5,)") != std::string::npos);
}

TEST_CASE("two rules of one name are refused") {
  CHECK_THROWS_AS(ThreshAlert(settings_of({"v > 1", "v > 1"})), RuleError);
  CHECK_THROWS_AS(ThreshAlert(settings_of({"v > 1"}, {"a..b"})), std::invalid_argument);
}

TEST_CASE("each and annotate") {
  Settings each = settings_of({"v > 1 for 1h"});
  each.memory = Memory::stateless;
  Fed stateless(std::move(each));
  stateless.record("A", 2, "2");
  stateless.record("A", 1, "2");
  CHECK(stateless.changes() == "A firing warning 00:02; A firing warning 00:01; ");
  stateless.line(R"({"k":"A","v":2})");
  CHECK(stateless.out.lines.starts_with(R"({"timestamp":null,"state":"firing")"));

  Settings annotate = settings_of({"v > 1 clear <= 0"});
  annotate.output = AlertOutput::annotate;
  Fed annotated(std::move(annotate));
  annotated.record("A", 0, "2");
  annotated.record("A", 1, "1");
  annotated.record("A", 0, "5");
  annotated.record("A", 2, "0");
  annotated.record("A", 3, "null");
  CHECK(annotated.out.lines ==
        "{\"timestamp\":\"1970-01-01T00:00:00Z\",\"k\":\"A\",\"v\":2,\"level\":\"warning\"}\n"
        "{\"timestamp\":\"1970-01-01T00:01:00Z\",\"k\":\"A\",\"v\":1,\"level\":\"warning\"}\n"
        "{\"timestamp\":\"1970-01-01T00:00:00Z\",\"k\":\"A\",\"v\":5,\"level\":null}\n"
        "{\"timestamp\":\"1970-01-01T00:02:00Z\",\"k\":\"A\",\"v\":0,\"level\":\"ok\"}\n"
        "{\"timestamp\":\"1970-01-01T00:03:00Z\",\"k\":\"A\",\"v\":null,\"level\":null}\n");
}
