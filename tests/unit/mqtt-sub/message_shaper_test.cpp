#include "message_shaper.hpp"

#include "catch.hpp"
#include "time/timestamp.hpp"

using namespace weir;
using namespace weir::mqtt_sub;

namespace {

Time at(const char* text) { return TimeParser().parse(text).value(); }

/// The line of a message, without its newline, or `rejected: reason`.
std::string shaped(const Shape& shape, std::string_view payload, std::string_view topic = "a/b/c") {
  MessageShaper shaper(shape);
  std::string out = "before\n";
  const Verdict verdict =
      shaper.write({topic, payload, mqtt::Qos::at_least_once, true}, at("2026-01-02T03:04:05.5Z"), out);
  if (verdict.rejected()) {
    CHECK(out == "before\n");  // a rejected message leaves no trace
    return "rejected: " + verdict.reason();
  }
  REQUIRE(out.size() > 8);
  CHECK(out.back() == '\n');
  CHECK(out.find('\n', 7) == out.size() - 1);  // one line
  return out.substr(7, out.size() - 8);
}

/// The lines of a message with several records, and the parts that are rejected, in the order in which they come.
std::string listed(Shape shape, std::string_view payload) {
  shape.from = From::records;
  MessageShaper shaper(shape);
  std::string out;
  const Verdict verdict = shaper.write({"a/b", payload}, at("2026-01-02T03:04:05.5Z"), out,
                                       [&](std::string_view raw, std::string_view reason) {
                                         out.append("! ").append(raw).append(" ! ").append(reason) += '\n';
                                       });
  return verdict.rejected() ? out + "rejected: " + verdict.reason() : out;
}

Shape with_fields(std::vector<std::string> names) {
  Shape shape;
  shape.topic_fields = std::move(names);
  return shape;
}

Shape wrapping(Shape::Wrap wrap) {
  Shape shape;
  shape.wrap = wrap;
  return shape;
}

}  // namespace

TEST_CASE("an object leaves byte for byte as it came") {
  const std::string line = R"( { "a" : 1.50, "b":12345678901234567890123 ,"c":"\u0041"} )";
  CHECK(shaped({}, line) == line);
}

TEST_CASE("an object over several lines becomes one, by the white space outside its strings") {
  CHECK(shaped({}, "{\n  \"a b\" : 1.50,\r\n\t\"c\": \"x \\\" y\\\\\" }\n") == R"({"a b":1.50,"c":"x \" y\\"})");
  CHECK(shaped({}, "{ \"a\": 1 }\r\n") == R"({ "a": 1 })");  // only the end is cut
  CHECK(shaped({}, "{\"a\":\"x\ny\"}") == "rejected: a control character in a string");
}

TEST_CASE("a payload that is not an object is rejected with its reason") {
  CHECK(shaped({}, "21.5") == "rejected: not a JSON object (--raw wraps it)");
  CHECK(shaped({}, "") == "rejected: the payload is empty");
  CHECK(shaped({}, "{\"a\":1").substr(0, 9) == "rejected:");
  CHECK(shaped({}, "{\"a\":1}{\"b\":2}") == "rejected: more than one JSON document on the line");
  CHECK(shaped({}, "{\"a\":1}\n{\"b\":2}") == "rejected: more than one JSON document on the line");
  CHECK(shaped({}, "{\"a\":\"\xff\"}") == "rejected: not UTF-8");
  Shape small;
  small.max_line = 4;
  CHECK(shaped(small, "{\"a\":1}") == "rejected: the payload is longer than --max-line");
}

TEST_CASE("no payload that is not JSON leaves, in a field that nobody reads either") {
  for (const char* token : {"nan", "NaN", "Infinity", "-Infinity", "007", "1.", ".5", "+1", "True", "None", "'x'",
                            "1 2", "0x1F", "\"\\q\"", "", "[1,]", "{\"b\":1,}", "{b:1}"}) {
    INFO(token);
    CHECK(shaped({}, std::string("{\"a\":") + token + "}").starts_with("rejected: "));
  }
  CHECK(shaped({}, R"({"a":nan})") == "rejected: NaN and infinity are not JSON (--nan null makes them null)");
  CHECK(shaped({}, R"({"a":1} x)") == "rejected: more than one JSON document on the line");
}

TEST_CASE("--nan null makes NaN and infinity null, and nothing else valid") {
  Shape shape;
  shape.nan = NanTokens::null;
  CHECK(shaped(shape, R"({"a":nan, "b":-Infinity,"c":[NaN ,1.50],"nan":"nan"})") ==
        R"({"a":null, "b":null,"c":[null ,1.50],"nan":"nan"})");
  CHECK(shaped(shape, R"({"a":nan,"b":007})").starts_with("rejected: "));
  CHECK(shaped(shape, R"({"a":banana})").starts_with("rejected: "));
  shape.wrap = Shape::Wrap::others;
  CHECK(shaped(shape, "NaN") == R"({"topic":"a/b/c","payload":null})");
  CHECK(shaped(shape, "[1,nan]") == R"({"topic":"a/b/c","payload":[1,null]})");
}

TEST_CASE("a byte order mark before JSON and NULs after it are removed") {
  using namespace std::string_view_literals;
  CHECK(shaped({}, "{\"t\":21.5}\0"sv) == R"({"t":21.5})");
  CHECK(shaped({}, "{\"t\":21.5}\n\0\0"sv) == R"({"t":21.5})");
  CHECK(shaped({}, "\xEF\xBB\xBF{\"t\":21.6}") == R"({"t":21.6})");
  CHECK(shaped(wrapping(Shape::Wrap::others), "21.5\0"sv) == R"({"topic":"a/b/c","payload":21.5})");
  CHECK(shaped(wrapping(Shape::Wrap::others), "on\0"sv) == R"({"topic":"a/b/c","payload":"on\u0000"})");
}

TEST_CASE("a line break never joins two tokens") {
  CHECK(shaped({}, "{\"a\":1\n2}").starts_with("rejected: "));
  CHECK(shaped({}, "{\"a\":tr\nue}").starts_with("rejected: "));
  CHECK(shaped({}, "{\"a\":\n[1,\n \"b c\" ]\n}") == R"({"a":[1,"b c"]})");
}

TEST_CASE("the time becomes UTC at the door") {
  Shape shape;
  shape.time.fields = {"day", "clock"};
  shape.time.time.format = "%d.%m.%Y %H:%M";
  shape.time.time.zone = "Europe/Berlin";
  CHECK(shaped(shape, R"({"day":"01.07.2024","clock":"10:30","x":1})") ==
        R"({"day":"2024-07-01T08:30:00Z","clock":"10:30","x":1})");
  CHECK(shaped(shape, R"({"day":"01.07.2024","x":1})") == "rejected: no usable time: clock is missing");
  CHECK(shaped(shape, R"({"day":"31.03.2024","clock":"02:30"})") ==
        "rejected: no usable time: day '31.03.2024 02:30' does not exist in Europe/Berlin (--tz)");
  CHECK(shaped(shape, R"({"day":"27.10.2024","clock":"02:30"})") ==
        "rejected: no usable time: day '27.10.2024 02:30' comes twice in Europe/Berlin; --fold decides");
  Shape epoch;
  epoch.time.fields = {"d.ts"};
  epoch.time.time.unit = EpochUnit::ms;
  CHECK(shaped(epoch, R"({"d":{"ts":1719822600000}})") == R"({"d":{"ts":"2024-07-01T08:30:00Z"}})");
  epoch.stamp = "d.ts";
  CHECK(shaped(epoch, R"({"d":{"ts":1719822600000}})") ==
        R"({"d":{"ts":"2024-07-01T08:30:00Z"},"d.ts":"2026-01-02T03:04:05.500Z"})");
}

TEST_CASE("the time of receipt takes the place of a missing one") {
  Shape shape;
  shape.time.fields = {"ts"};
  shape.stamp = "ts";
  CHECK(shaped(shape, R"({"x":1})") == R"({"x":1,"ts":"2026-01-02T03:04:05.500Z"})");
  CHECK(shaped(shape, R"({"ts":1719822600,"x":1})") == R"({"ts":"2024-07-01T08:30:00Z","x":1})");
}

TEST_CASE("a time far ahead of the time of receipt is a reject") {
  Shape shape;
  shape.time.max_future = std::chrono::hours(24);
  const std::string far = R"({"timestamp":"2036-02-07T06:28:15Z"})";
  CHECK(shaped(shape, far) ==
        "rejected: timestamp 2036-02-07T06:28:15Z is 3688d3h24m ahead of this machine's clock (--max-future)");
  CHECK(shaped(shape, R"({"timestamp":"2026-01-03T03:00:00Z"})") == R"({"timestamp":"2026-01-03T03:00:00Z"})");
  CHECK(shaped(shape, R"({"timestamp":"soon"})") == R"({"timestamp":"soon"})");
  CHECK(shaped(shape, R"({"ts":"2036-02-07T06:28:15Z","date":"2026-01-02"})") ==
        "rejected: ts 2036-02-07T06:28:15Z is 3688d3h24m ahead of this machine's clock (--max-future)");
  CHECK(shaped(shape, R"({"timestamp":"2026-01-02","ts":"2036-02-07"})") ==
        R"({"timestamp":"2026-01-02","ts":"2036-02-07"})");
  CHECK(shaped(shape, R"({"at":"2036-02-07T06:28:15Z"})") == R"({"at":"2036-02-07T06:28:15Z"})");
  shape.time.fields = {"ts"};
  CHECK(shaped(shape, R"({"ts":2085978495})").starts_with("rejected: ts 2036-02-07T06:28:15Z is "));
  CHECK(shaped(shape, far) == "rejected: no usable time: ts is missing");
  shape = {};
  CHECK(shaped(shape, far) == far);
}

TEST_CASE("no message passes for a control line") {
  const std::string refused = "rejected: the key @ctl is kept for control lines";
  CHECK(shaped({}, R"({"@ctl":"watermark","time":"2026-01-01T00:00:00Z"})") == refused);
  CHECK(shaped({}, "{\n\"@ctl\" : 1}") == refused);
  CHECK(shaped({}, R"({ "@ctl":"end"})") == refused);
  CHECK(shaped({}, R"({"\u0040ctl":"end"})") == refused);
  CHECK(shaped({}, R"({"a":1,"\u0040c\u0074l":null})") == refused);
  CHECK(shaped({}, R"({"a":{"@ctl":1}})") == R"({"a":{"@ctl":1}})");
  CHECK(shaped(wrapping(Shape::Wrap::others), R"({"@ctl":1})") == refused);
  CHECK(shaped(wrapping(Shape::Wrap::envelope), R"({"@ctl":1})") ==
        R"({"topic":"a/b/c","qos":1,"retain":true,"payload":{"@ctl":1}})");
}

TEST_CASE("fields come from the topic, as strings, where the payload has none") {
  CHECK(shaped(with_fields({"_", "device", "kind"}), R"({"x":1})", "lab/17/temp") ==
        R"({"x":1,"device":"17","kind":"temp"})");
  CHECK(shaped(with_fields({"_", "device"}), R"({"device":"own"})") == R"({"device":"own"})");
  CHECK(shaped(with_fields({"_", "device"}), R"({"device":null,"x":1})") == R"({"device":"b","x":1})");
  CHECK(shaped(with_fields({"one", "two", "three"}), "{}", "only") == R"({"one":"only"})");
  CHECK(shaped(with_fields({"a.b"}), R"({"a":{"b":1}})", "x/y") == R"({"a":{"b":1},"a.b":"x"})");
  CHECK(shaped(with_fields({"one", "two"}), "{}", "/\"") == R"({"one":"","two":"\""})");
}

TEST_CASE("the time of receipt stands where a field is absent") {
  Shape shape;
  shape.stamp = "timestamp";
  CHECK(shaped(shape, R"({"x":1})") == R"({"x":1,"timestamp":"2026-01-02T03:04:05.500Z"})");
  CHECK(shaped(shape, R"({"timestamp":"2020-01-01T00:00:00Z"})") == R"({"timestamp":"2020-01-01T00:00:00Z"})");
  shape.topic_fields = {"first"};
  CHECK(shaped(shape, R"({"timestamp":null})") == R"({"timestamp":"2026-01-02T03:04:05.500Z","first":"a"})");
}

TEST_CASE("--raw wraps other payloads: JSON as it is, text as text, bytes in base64") {
  const Shape shape = wrapping(Shape::Wrap::others);
  CHECK(shaped(shape, R"({"x":1})") == R"({"x":1})");
  CHECK(shaped(shape, "21.50\n") == R"({"topic":"a/b/c","payload":21.50})");
  CHECK(shaped(shape, "[1,\n 2]") == R"({"topic":"a/b/c","payload":[1,2]})");
  CHECK(shaped(shape, "null") == R"({"topic":"a/b/c","payload":null})");
  CHECK(shaped(shape, "\"on\"") == R"({"topic":"a/b/c","payload":"on"})");
  CHECK(shaped(shape, "on") == R"({"topic":"a/b/c","payload":"on"})");
  CHECK(shaped(shape, "NaN") == R"({"topic":"a/b/c","payload":"NaN"})");
  CHECK(shaped(shape, "two\nlines ") == R"({"topic":"a/b/c","payload":"two\nlines "})");
  CHECK(shaped(shape, "") == R"({"topic":"a/b/c","payload":""})");
  CHECK(shaped(shape, "1,\"x\":2") == R"({"topic":"a/b/c","payload":"1,\"x\":2"})");
  CHECK(shaped(shape, "1}") == R"({"topic":"a/b/c","payload":"1}"})");
  CHECK(shaped(shape, "{\"open\":") == R"({"topic":"a/b/c","payload":"{\"open\":"})");
  CHECK(shaped(shape, "\xff\x01") == R"({"topic":"a/b/c","payload_base64":"/wE="})");
}

TEST_CASE("--envelope keeps a message's properties beside its payload") {
  Shape shape = wrapping(Shape::Wrap::envelope);
  shape.topic_fields = {"_", "device"};
  shape.stamp = "received";
  CHECK(
      shaped(shape, "{ \"device\": 1.0 }") ==
      R"({"topic":"a/b/c","qos":1,"retain":true,"payload":{ "device": 1.0 },"device":"b","received":"2026-01-02T03:04:05.500Z"})");
}

TEST_CASE("--from records: an array, a line a record, or one object") {
  CHECK(listed({}, R"([{"x":1}, { "x" : 2.50 }])") == "{\"x\":1}\n{ \"x\" : 2.50 }\n");
  CHECK(listed({}, "[\n {\"x\":\n1},\n {\"x\":2}\n]\n") == "{\"x\":1}\n{\"x\":2}\n");
  CHECK(listed({}, "{\"x\":1}\r\n\n{\"x\":2}\n") == "{\"x\":1}\n{\"x\":2}\n");
  CHECK(listed({}, R"({"x":1})") == "{\"x\":1}\n");
  CHECK(listed({}, "{\n\"x\":1\n}") == "{\"x\":1}\n");
  CHECK(listed({}, std::string("\xEF\xBB\xBF[{\"x\":1}]\0", 13)) == "{\"x\":1}\n");
  CHECK(listed({}, "[]").empty());
}

TEST_CASE("--from records: a bad element is rejected alone, with its place") {
  CHECK(listed({}, R"([{"x":1},7,{"x":nan},{"@ctl":"end"},{"x":5}])") ==
        "{\"x\":1}\n! 7 ! element 2: not a JSON object\n"
        "! {\"x\":nan} ! element 3: NaN and infinity are not JSON (--nan null makes them null)\n"
        "! {\"@ctl\":\"end\"} ! element 4: the key @ctl is kept for control lines\n{\"x\":5}\n");
  CHECK(listed({}, "{\"x\":1}\n\n{\"x\":\n{\"x\":4}") ==
        "{\"x\":1}\n! {\"x\": ! line 3: an object or array is not closed\n{\"x\":4}\n");
  Shape shape;
  shape.nan = NanTokens::null;
  CHECK(listed(shape, R"([{"x":NaN}])") == "{\"x\":null}\n");
}

TEST_CASE("--from records: what cannot be taken apart is rejected whole") {
  CHECK(listed({}, R"([{"x":1},{"x":2})").starts_with("rejected: "));
  CHECK(listed({}, R"([{"x":1} {"x":2}])").starts_with("rejected: "));
  CHECK(listed({}, R"([{"x":1}] 2)") == "rejected: more than one JSON document");
  CHECK(listed({}, "") == "rejected: the payload is empty");
  CHECK(listed({}, "21.5") == "rejected: not a JSON object");
}

TEST_CASE("--from records: fields of the topic, the stamp and the time are those of each record") {
  Shape shape = with_fields({"_", "device"});
  shape.stamp = "received";
  shape.time.fields = {"t"};
  CHECK(listed(shape, R"([{"t":1719822600},{"x":1},{"t":1719822601,"device":"own"}])") ==
        "{\"t\":\"2024-07-01T08:30:00Z\",\"device\":\"b\",\"received\":\"2026-01-02T03:04:05.500Z\"}\n"
        "! {\"x\":1} ! element 2: no usable time: t is missing\n"
        "{\"t\":\"2024-07-01T08:30:01Z\",\"device\":\"own\",\"received\":\"2026-01-02T03:04:05.500Z\"}\n");
}
