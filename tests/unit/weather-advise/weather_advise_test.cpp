#include "weather_advise.hpp"

#include <chrono>

#include "catch.hpp"
#include "record/parser.hpp"

using namespace std::chrono_literals;

namespace {

/// A stage and its output.
struct Bench {
  explicit Bench(weir::weather_advise::Settings settings = {}) : stage(std::move(settings)), parser(stage.fields()) {}

  /// The reason of a reject, or the output for this line.
  std::string put(std::string_view line) {
    const weir::Record* record = parser.parse_copy(line, ++number);
    REQUIRE(record != nullptr);
    const std::size_t before = out.lines.size();
    const weir::Verdict verdict = stage.on_record(*record, out);
    if (verdict.rejected()) {
      CHECK(out.lines.size() == before);
      return verdict.reason();
    }
    return out.lines.substr(before);
  }
  std::string end() {
    const std::size_t before = out.lines.size();
    stage.on_end(out);
    return out.lines.substr(before);
  }
  std::string watermark(weir::Time time) {
    const std::size_t before = out.lines.size();
    stage.on_watermark(time, out);
    return out.lines.substr(before);
  }

  weir::weather_advise::WeatherAdvise stage;
  weir::RecordParser parser;
  weir::Output out;
  std::uint64_t number = 0;
};

weir::Time at(int hour) { return weir::Time{} + std::chrono::hours(hour); }

/// One field x, cleaned without limits; gaps up to three hours.
weir::weather_advise::Settings gaps() {
  weir::weather_advise::Settings settings;
  settings.time.epochs = weir::Epochs::any;
  settings.fields.clear();
  settings.ranges = {"x=-1000..1000"};
  settings.max_gap = 3h;
  settings.by = {"k"};
  settings.time.field = "t";
  return settings;
}

/// The four added fields when only x is known.
const std::string nothing = R"(,"mod_high_temp":null,"low_temp":null,"temp_message":null,"advice":null})"
                            "\n";

std::string line(int hour, std::string_view key, std::string_view x) {
  return "{\"t\":" + std::to_string(hour * 3600) + ",\"k\":\"" + std::string(key) + "\",\"x\":" + std::string(x) + "}";
}
std::string cleaned(int hour, std::string_view key, std::string_view x) {
  std::string text = line(hour, key, x);
  text.pop_back();
  return text + nothing;
}

}  // namespace

TEST_CASE("a reading with its flags and advice") {
  Bench bench;
  CHECK(
      bench.put(
          R"({"city":"A", "temperature_c":23.010,"humidity":75.0,"pressure":1015,"wind_speed":3,"weather":"mist"})") ==
      R"({"city":"A", "temperature_c":23.010,"humidity":75.0,"pressure":1015,"wind_speed":3,"weather":"mist",)"
      R"("mod_high_temp":true,"low_temp":false,"temp_message":"warm","advice":"Poor visibility: take care on the road."})"
      "\n");
  CHECK(bench.stage.counts().text().empty());
}

TEST_CASE("the flags at their edges") {
  Bench bench;
  const auto flags = [&bench](std::string_view temperature) {
    const std::string out = bench.put("{\"temperature_c\":" + std::string(temperature) + "}");
    return out.substr(out.find("\"mod"), out.find(",\"temp_m") - out.find("\"mod"));
  };
  CHECK(flags("23") == R"("mod_high_temp":false,"low_temp":false)");
  CHECK(flags("23.0000001") == R"("mod_high_temp":true,"low_temp":false)");
  CHECK(flags("5") == R"("mod_high_temp":false,"low_temp":false)");
  CHECK(flags("4.99") == R"("mod_high_temp":false,"low_temp":true)");
}

TEST_CASE("low_temp has its own limit") {
  weir::weather_advise::Settings settings;
  settings.time.epochs = weir::Epochs::any;
  settings.low_temp_c = -10;
  Bench bench(settings);
  CHECK(bench.put(R"({"temperature_c":-10})").find(R"("low_temp":false)") != std::string::npos);
  CHECK(bench.put(R"({"temperature_c":-10.1})").find(R"("low_temp":true)") != std::string::npos);
}

TEST_CASE("an unknown temperature has unknown flags, but the rest still has advice") {
  Bench bench;
  CHECK(bench.put(R"({"temperature_c":null,"weather":"light rain"})") ==
        R"({"temperature_c":null,"weather":"light rain","mod_high_temp":null,"low_temp":null,"temp_message":null,)"
        R"("advice":"Take an umbrella."})"
        "\n");
}

TEST_CASE("no advice is empty where something is known, and null where nothing is") {
  Bench bench;
  CHECK(bench.put(R"({"weather":"sky is clear"})").find(R"("advice":"")") != std::string::npos);
  CHECK(bench.put(R"({})") == R"({"mod_high_temp":null,"low_temp":null,"temp_message":null,"advice":null})"
                              "\n");
  CHECK(bench.put(R"({"pressure":1000,"weather":7})").find(R"("advice":null)") != std::string::npos);
}

TEST_CASE("cleaned in place, everything else as it came, flags by the cleaned value") {
  Bench bench;
  CHECK(
      bench.put(
          R"({ "temperature_c" : " 30.50", "humidity":140, "pressure":"n/a","note":"caf\u00e9","wind_speed":-1e0 })") ==
      R"({ "temperature_c" : 30.50, "humidity":null, "pressure":null,"note":"caf\u00e9","wind_speed":null ,)"
      R"("mod_high_temp":true,"low_temp":false,"temp_message":"hot","advice":"Hot: drink enough and avoid the midday sun."})"
      "\n");
  CHECK(bench.stage.counts().text() == "1 non-numeric value set to null; 2 values out of range");
}

TEST_CASE("a record that went through before has its fields replaced, not doubled") {
  Bench bench;
  const std::string first = bench.put(R"({"temperature_c":10,"weather":"fog"})");
  CHECK(bench.put(first.substr(0, first.size() - 1)) == first);
}

TEST_CASE("advice reads the given fields, cleaned or not") {
  weir::weather_advise::Settings settings;
  settings.time.epochs = weir::Epochs::any;
  settings.fields.clear();
  settings.ranges = {"t=.."};
  settings.reading.temperature = "t";
  settings.reading.wind = "wind.speed";
  settings.reading.weather = "sky";
  Bench bench(settings);
  CHECK(bench.put(R"({"t":"1","wind":{"speed":12},"sky":"rain"})") ==
        R"({"t":1,"wind":{"speed":12},"sky":"rain","mod_high_temp":false,"low_temp":true,"temp_message":"cold",)"
        R"("advice":"Ice on the ground: walk and drive with care. Take an umbrella. Cold: wear a warm coat. )"
        R"(Strong wind: mind loose things and take care on a bicycle."})"
        "\n");
}

TEST_CASE("fields that overlap are refused") {
  weir::weather_advise::Settings settings;
  settings.time.epochs = weir::Epochs::any;
  settings.fields.clear();
  settings.ranges = {"a=..", "a.b=.."};
  CHECK_THROWS_AS(weir::weather_advise::WeatherAdvise(settings), std::invalid_argument);
  settings.fields.clear();
  settings.ranges = {"advice=.."};
  CHECK_THROWS_AS(weir::weather_advise::WeatherAdvise(settings), std::invalid_argument);
  settings.fields = {"a", "a"};
  settings.ranges.clear();
  CHECK_THROWS_AS(weir::weather_advise::WeatherAdvise(settings), std::invalid_argument);
  settings.fields.clear();
  settings.ranges = {"a=..", "ab=.."};
  CHECK_NOTHROW(weir::weather_advise::WeatherAdvise(settings));
}

TEST_CASE("a gap is filled in time, and records keep their order") {
  Bench bench(gaps());
  CHECK(bench.put(line(0, "a", "10.0")) == cleaned(0, "a", "10.0"));
  CHECK(bench.put(line(1, "a", "null")).empty());
  CHECK(bench.put(line(1, "b", "7")).empty());
  CHECK(bench.put(line(2, "a", "null")).empty());
  CHECK(bench.put(line(3, "a", "40")) ==
        cleaned(1, "a", "20") + cleaned(1, "b", "7") + cleaned(2, "a", "30") + cleaned(3, "a", "40"));
  CHECK(bench.end().empty());
  CHECK(bench.stage.counts().text() == "2 values filled in");
}

TEST_CASE("by time, not by place in the row") {
  Bench bench(gaps());
  bench.put(R"({"t":0,"k":1,"x":0})");
  bench.put(R"({"t":900,"k":1,"x":null})");
  CHECK(bench.put(R"({"t":3600,"k":1,"x":1})").starts_with(R"({"t":900,"k":1,"x":0.25,)"));
}

TEST_CASE("a gap just too long stays null as a whole") {
  Bench bench(gaps());
  bench.put(line(0, "a", "10"));
  CHECK(bench.put(line(1, "a", "null")).empty());
  CHECK(bench.put(R"({"t":10801,"k":"a","x":40})") ==
        cleaned(1, "a", "null") + R"({"t":10801,"k":"a","x":40)" + nothing);
  CHECK(bench.stage.counts().text() == "1 value left unknown");
}

TEST_CASE("a gap is given up as soon as it is seen to be too long") {
  Bench bench(gaps());
  bench.put(line(0, "a", "10"));
  CHECK(bench.put(line(2, "a", "null")).empty());
  CHECK(bench.put(line(3, "a", "null")).empty());
  CHECK(bench.put(line(4, "a", "null")) == cleaned(2, "a", "null") + cleaned(3, "a", "null") + cleaned(4, "a", "null"));
  CHECK(bench.put(line(5, "a", "null")) == cleaned(5, "a", "null"));
  CHECK(bench.put(line(6, "a", "1")) == cleaned(6, "a", "1"));
  CHECK(bench.put(line(7, "a", "null")).empty());
  CHECK(bench.put(line(8, "a", "3")) == cleaned(7, "a", "2") + cleaned(8, "a", "3"));
}

TEST_CASE("leading and trailing unknowns stay null") {
  Bench bench(gaps());
  CHECK(bench.put(line(0, "a", "null")) == cleaned(0, "a", "null"));
  bench.put(line(1, "a", "1"));
  CHECK(bench.put(line(2, "a", "null")).empty());
  CHECK(bench.end() == cleaned(2, "a", "null"));
}

TEST_CASE("a value that cleaning made null is a gap like any other") {
  Bench bench(gaps());
  bench.put(line(0, "a", "1"));
  bench.put(line(1, "a", "9999"));
  bench.put(line(2, "a", "\"n/a\""));
  CHECK(bench.put(line(3, "a", "\"4\"")) == cleaned(1, "a", "2") + cleaned(2, "a", "3") + cleaned(3, "a", "4"));
}

TEST_CASE("a field that is missing is filled in at the end") {
  Bench bench(gaps());
  bench.put(line(0, "a", "1"));
  bench.put(R"({"t":3600,"k":"a"})");
  CHECK(bench.put(line(2, "a", "2")).starts_with(R"({"t":3600,"k":"a","x":1.5,"mod_high_temp":null)"));
}

TEST_CASE("a missing member of an object stays missing") {
  weir::weather_advise::Settings settings = gaps();
  settings.fields.clear();
  settings.ranges = {"o.x=.."};
  Bench bench(settings);
  bench.put(R"({"t":0,"k":1,"o":{"x":1}})");
  CHECK(bench.put(R"({"t":60,"k":1})") == R"({"t":60,"k":1)" + nothing);
  CHECK(bench.put(R"({"t":90,"k":1,"o":{"x":null}})").empty());
  CHECK(bench.put(R"({"t":120,"k":1,"o":{"x":"2"}})").starts_with(R"({"t":90,"k":1,"o":{"x":1.75},)"));
}

TEST_CASE("flags and advice speak of the filled value") {
  weir::weather_advise::Settings settings;
  settings.time.epochs = weir::Epochs::any;
  settings.max_gap = 3h;
  Bench bench(settings);
  bench.put(R"({"timestamp":0,"city":"A","temperature_c":20,"weather":"fog"})");
  bench.put(R"({"timestamp":3600,"city":"A","temperature_c":null,"weather":"light \u0072ain"})");
  CHECK(bench.put(R"({"timestamp":7200,"city":"A","temperature_c":30})")
            .starts_with(
                R"({"timestamp":3600,"city":"A","temperature_c":25,"weather":"light \u0072ain","mod_high_temp":true,)"
                R"("low_temp":false,"temp_message":"warm","advice":"Take an umbrella."})"));
}

TEST_CASE("each field has its own gaps") {
  weir::weather_advise::Settings settings = gaps();
  settings.fields.clear();
  settings.ranges = {"x=..", "y=.."};
  Bench bench(settings);
  bench.put(R"({"t":0,"k":1,"x":0,"y":0})");
  CHECK(bench.put(R"({"t":3600,"k":1,"x":null,"y":null})").empty());
  CHECK(bench.put(R"({"t":7200,"k":1,"x":2,"y":null})").empty());
  CHECK(bench.put(R"({"t":10800,"k":1,"x":3,"y":6})") == R"({"t":3600,"k":1,"x":1,"y":2)" + nothing +
                                                             R"({"t":7200,"k":1,"x":2,"y":4)" + nothing +
                                                             R"({"t":10800,"k":1,"x":3,"y":6)" + nothing);
}

TEST_CASE("a late record is passed on, neither filled nor an end") {
  Bench bench(gaps());
  bench.put(line(2, "a", "2"));
  for (const char* x : {"null", "100"}) CHECK(bench.put(line(1, "a", x)) == cleaned(1, "a", x));
  CHECK(bench.put(line(3, "a", "null")).empty());
  CHECK(bench.put(line(4, "a", "4")) == cleaned(3, "a", "3") + cleaned(4, "a", "4"));
}

TEST_CASE("two records of one time do not divide by nothing") {
  Bench bench(gaps());
  bench.put(line(1, "a", "1"));
  CHECK(bench.put(line(1, "a", "null")).empty());
  CHECK(bench.put(line(1, "a", "5")) == cleaned(1, "a", "1") + cleaned(1, "a", "5"));
}

TEST_CASE("without a usable time or key the record is rejected, but only with max_gap") {
  Bench bench(gaps());
  CHECK(bench.put(R"({"k":1,"x":1})") == "no usable time: t is missing (--time names the field)");
  CHECK(bench.put(R"({"t":"soon","k":1,"x":1})") == R"(no usable time: t "soon" is not a time)");
  CHECK(bench.put(R"({"t":true,"k":1,"x":1})") == "no usable time: t true is not a time");
  CHECK(bench.put(R"({"t":0,"k":{},"x":1})").find("k") != std::string::npos);
  Bench plain;
  CHECK(plain.put(R"({"temperature_c":1})").starts_with(R"({"temperature_c":1,)"));
}

TEST_CASE("memory is bounded: the oldest gap is given up, nothing is lost") {
  weir::weather_advise::Settings settings = gaps();
  settings.max_held = 5000;
  Bench bench(settings);
  bench.put(line(0, "quiet", "1"));
  bench.put(line(1, "quiet", "null"));
  for (int i = 0; i < 100; ++i) bench.put(line(1, "b", std::to_string(i)));
  bench.end();
  std::string expected = cleaned(0, "quiet", "1") + cleaned(1, "quiet", "null");
  for (int i = 0; i < 100; ++i) expected += cleaned(1, "b", std::to_string(i));
  CHECK(bench.out.lines == expected);
  CHECK(bench.stage.counts().text() == "1 value left unknown; 1 gap given up for want of room (--max-held)");
}

TEST_CASE("series beyond the limit are passed on unfilled") {
  weir::weather_advise::Settings settings = gaps();
  settings.max_keys = 1;
  Bench bench(settings);
  for (const char* key : {"a", "b"}) bench.put(line(0, key, "1"));
  CHECK(bench.put(line(1, "b", "null")) == cleaned(1, "b", "null"));
  CHECK(bench.put(line(1, "a", "null")).empty());
  CHECK(bench.put(line(1, "b", "2")).empty());
  CHECK(bench.end() == cleaned(1, "a", "null") + cleaned(1, "b", "2"));
  CHECK(bench.stage.counts().text().find("3 records of keys beyond --max-keys") != std::string::npos);
}

TEST_CASE("a watermark ends gaps that are too long") {
  Bench bench(gaps());
  bench.put(line(0, "a", "1"));
  CHECK(bench.put(line(1, "a", "null")).empty());
  CHECK(bench.watermark(at(3)).empty());  // a value at three o'clock sharp could still come
  CHECK(bench.watermark(at(3) + 1ns) == cleaned(1, "a", "null"));
  CHECK(bench.stage.promise(at(3) + 1ns) == at(3) + 1ns);
}

TEST_CASE("a watermark does not overtake records that wait, and is made up for") {
  Bench bench(gaps());
  bench.put(line(0, "a", "1"));
  bench.put(line(1, "a", "null"));
  bench.put(line(2, "b", "5"));
  bench.watermark(at(2));
  CHECK(bench.stage.promise(at(2)) == at(1));
  CHECK(bench.put(line(2, "a", "3")) == cleaned(1, "a", "2") + cleaned(2, "b", "5") +
                                            "{\"@ctl\":\"watermark\",\"time\":\"1970-01-01T02:00:00Z\"}\n" +
                                            cleaned(2, "a", "3"));
  CHECK(bench.stage.promise(at(3)) == at(3));
  CHECK(bench.end().empty());
}

TEST_CASE("a watermark that was passed on whole is not written again") {
  Bench bench(gaps());
  bench.put(line(0, "a", "1"));
  bench.put(line(1, "a", "null"));
  bench.watermark(at(1));  // the record that waits is not older
  CHECK(bench.stage.promise(at(1)) == at(1));
  CHECK(bench.put(line(2, "a", "3")) == cleaned(1, "a", "2") + cleaned(2, "a", "3"));
}

TEST_CASE("a lowered watermark is made up for at the end, too") {
  Bench bench(gaps());
  bench.put(line(0, "a", "1"));
  bench.put(line(1, "a", "null"));
  bench.watermark(at(2));
  CHECK(bench.end() == cleaned(1, "a", "null") + "{\"@ctl\":\"watermark\",\"time\":\"1970-01-01T02:00:00Z\"}\n");
}
