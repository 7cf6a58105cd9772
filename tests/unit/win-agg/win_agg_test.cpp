#include "win_agg.hpp"

#include "catch.hpp"
#include "record/parser.hpp"

using namespace std::chrono_literals;

namespace {

/// A stage, the lines it wrote, and the reason of the last reject.
struct Stage {
  explicit Stage(const weir::win_agg::Settings& settings) : stage(settings), parser(stage.fields()) {
    out.sides.resize(1);
  }

  std::string give(std::string_view line) {
    const weir::Record* record = parser.parse_copy(line, ++number);
    REQUIRE(record != nullptr);
    const weir::Verdict verdict = stage.on_record(*record, out);
    return verdict.reason();
  }
  std::string taken() { return std::exchange(out.lines, {}); }
  std::string end() {
    stage.on_end(out);
    return taken();
  }

  weir::win_agg::WinAgg stage;
  weir::RecordParser parser;
  weir::Output out;
  std::uint64_t number = 0;
};

weir::win_agg::Settings settings_of(std::string_view aggregates) {
  weir::win_agg::Settings settings;
  settings.time.epochs = weir::Epochs::any;
  settings.every = "10m";
  settings.by = {"city"};
  settings.aggregates = aggregates;
  return settings;
}

weir::Time at(std::string_view text) { return weir::TimeParser().parse(text).value(); }

}  // namespace

TEST_CASE("a value too long to be kept for a key is rejected, where it would be") {
  const std::string text = '"' + std::string(70'000, 'x') + '"';
  const auto record = [](const std::string& t) {
    return R"({"timestamp":"2017-01-01T00:01:00Z","city":"B","u":1,"t":)" + t + "}";
  };
  const std::string digits(70'000, '1');
  CHECK(Stage(settings_of("first(t)")).give(record(text)) ==
        "t is longer than 65536 bytes, the most that is kept for a key");
  CHECK(Stage(settings_of("last(t) if u > 0")).give(record(text)) ==
        "t is longer than 65536 bytes, the most that is kept for a key");
  CHECK(Stage(settings_of("max(t)")).give(record("0." + digits)) ==
        "t is longer than 65536 bytes, the most that is kept for a key");
  CHECK(Stage(settings_of("")).give(record("0." + digits)) ==
        "t is longer than 65536 bytes, the most that is kept for a key");
  CHECK(Stage(settings_of("last(u),count(t),distinct(t)")).give(record(text)).empty());
  CHECK(Stage(settings_of("last(t) if u > 1")).give(record(text)).empty());
}

TEST_CASE("a window comes out when a record has passed its end") {
  Stage stage(settings_of("avg(t) as mean,count() as n"));
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:01:00Z","city":"B","t":1})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:09:59.9Z","city":"A","t":4})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:02:00Z","city":"B","t":2})").empty());
  CHECK(stage.taken().empty());
  CHECK_FALSE(stage.out.released);
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:10:00Z","city":"B","t":7})").empty());
  CHECK(stage.out.released);
  CHECK(
      stage.taken() ==
      R"({"window_start":"2017-01-01T00:00:00Z","window_end":"2017-01-01T00:10:00Z","city":"A","mean":4,"n":1,"partial":false})"
      "\n"
      R"({"window_start":"2017-01-01T00:00:00Z","window_end":"2017-01-01T00:10:00Z","city":"B","mean":1.5,"n":2,"partial":false})"
      "\n");
  CHECK(
      stage.end() ==
      R"({"window_start":"2017-01-01T00:10:00Z","window_end":"2017-01-01T00:20:00Z","city":"B","mean":7,"n":1,"partial":true})"
      "\n");
  CHECK(stage.stage.counts().text().empty());
}

TEST_CASE("late records are set aside, those within the lateness are not") {
  auto settings = settings_of("count() as n");
  settings.lateness = 1min;
  settings.late = {"late"};
  Stage stage(settings);
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:10:30Z","city":"A"})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:09:00Z","city":"A"})").empty());  // its window is still open
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:11:00Z","city":"A"})").empty());
  CHECK(
      stage.taken() ==
      R"({"window_start":"2017-01-01T00:00:00Z","window_end":"2017-01-01T00:10:00Z","city":"A","n":1,"partial":false})"
      "\n");
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:09:30Z", "city":"A","x":1.50})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:09:00Z","late_by":"1h","city":"A"})").empty());
  CHECK(stage.out.sides[0] == R"({"timestamp":"2017-01-01T00:09:30Z", "city":"A","x":1.50,"late_by":"30s"})"
                              "\n"
                              R"({"timestamp":"2017-01-01T00:09:00Z","late_by":"1m","city":"A"})"
                              "\n");
  CHECK(stage.stage.counts().text() == "2 late records written to --late");
}

TEST_CASE("a record that is late by centuries") {
  auto settings = settings_of("count() as n");
  settings.late = {"late"};
  Stage stage(settings);
  CHECK(stage.give(R"({"timestamp":"2261-01-01T00:00:00Z","city":"A"})").empty());
  CHECK(stage.give(R"({"timestamp":"1678-01-01T00:00:00Z","city":"A"})").empty());
  CHECK(stage.out.sides[0].find("\"late_by\":\"106751d") != std::string::npos);  // the longest duration, 292 years
}

TEST_CASE("a watermark closes windows and is promised no further than rows reach") {
  Stage stage(settings_of("count() as n"));
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:01:00Z","city":"A"})").empty());
  stage.stage.on_watermark(at("2017-01-01T00:09:59Z"), stage.out);
  CHECK(stage.taken().empty());
  CHECK(stage.stage.promise(at("2017-01-01T00:09:59Z")) == at("2017-01-01T00:00:00Z"));
  stage.stage.on_watermark(at("2017-01-01T00:10:00Z"), stage.out);
  // The row, then the smaller watermark.
  CHECK(
      stage.taken() ==
      R"({"window_start":"2017-01-01T00:00:00Z","window_end":"2017-01-01T00:10:00Z","city":"A","n":1,"partial":false})"
      "\n"
      R"({"@ctl":"watermark","time":"2017-01-01T00:09:59Z"})"
      "\n");
  CHECK(stage.stage.promise(at("2017-01-01T00:10:00Z")) == at("2017-01-01T00:10:00Z"));
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:09:59Z","city":"A"})").empty());
  CHECK(stage.stage.counts().text() == "1 late record left out (--late FILE keeps them, --late drop does not)");
}

TEST_CASE("a bad record is rejected and leaves no trace") {
  Stage stage(settings_of("avg(t) as mean,last(w) as w"));
  CHECK(stage.give(R"({"city":"A","t":1})") == "no usable time: timestamp is missing (--time names the field)");
  CHECK(stage.give(R"({"timestamp":"soon","city":"A","t":1})") == R"(no usable time: timestamp "soon" is not a time)");
  CHECK(stage.give(R"({"timestamp":true,"city":"A","t":1})") == "no usable time: timestamp true is not a time");
  CHECK(
      stage.give(R"({"timestamp":"2017-01-01","city":"A","t":1})") ==
      R"(no usable time: timestamp "2017-01-01" is not a time as it is; --time-format '%Y-%m-%d' of csv-tail or mqtt-sub reads it, or strptime of jq)");
  CHECK(stage.give(R"({"timestamp":"2030-01-01T00:00:00Z","city":"A","t":"1"})") == R"(t "1" is not a number)");
  CHECK(stage.give(R"({"timestamp":"2030-01-01T00:00:00Z","city":"A","t":1e999})") ==
        "t 1e999 is not a number that a double can hold");
  CHECK(stage.give(R"({"timestamp":"2030-01-01T00:00:00Z","city":["A"],"t":1})") ==
        "city is an object or array; a key is a string, a number, a boolean or null");
  CHECK(stage.give(R"({"timestamp":1483228800,"city":"A","t":null,"w":"fog"})").empty());
  CHECK(
      stage.end() ==
      R"({"window_start":"2017-01-01T00:00:00Z","window_end":"2017-01-01T00:10:00Z","city":"A","mean":null,"w":"fog","partial":true})"
      "\n");
  CHECK(stage.stage.counts().text() == "1 missing or null value left out");
}

TEST_CASE("a condition over a value of the wrong type costs no other column") {
  const auto record = [](const char* values) {
    return std::string(R"({"timestamp":"2017-01-01T00:00:00Z","city":"A",)") + values + "}";
  };
  Stage stage(settings_of("avg(t) if h > 5 as humid, count() as n, count(w > 1) as windy"));
  CHECK(stage.give(record(R"("t":1,"h":"wet","w":2)")).empty());
  CHECK(stage.give(record(R"("t":3,"h":6,"w":1e400)")).empty());
  CHECK(stage.end().find(R"("humid":3,"n":2,"windy":1,)") != std::string::npos);
  REQUIRE(stage.out.messages.size() == 1);
  CHECK(stage.out.messages[0].text == "h is a string and cannot be compared so: left out");
  CHECK(stage.stage.counts().text() == "2 non-numeric values left out");

  Stage alone(settings_of("avg(t) if h > 5 as humid, count(w > 1) as windy"));
  CHECK(alone.give(record(R"("t":1,"h":"wet","w":0)")).empty());  // the false condition has used it
  CHECK(alone.give(record(R"("t":1,"h":"wet","w":"x")")) == "h is a string and cannot be compared so");
  auto settings = settings_of("avg(t) if h > 5 as humid, count() as n");
  settings.strict = true;
  Stage strict(settings);
  CHECK(strict.give(record(R"("t":1,"h":"wet")")) == "h is a string and cannot be compared so");
}

TEST_CASE("text cannot be rounded: it is left out") {
  Stage stage(settings_of("round(last(name), 1) as name, round(first(t), 1) as t, count() as n"));
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:00:00Z","city":"A","name":"hall","t":1.26})").empty());
  CHECK(stage.end().find(R"("name":null,"t":1.3,"n":1,)") != std::string::npos);
  REQUIRE(stage.out.messages.size() == 1);
  CHECK(stage.out.messages[0].text == "name \"hall\" is not a number: left out");
}

TEST_CASE("a key more than --max-keys is rejected until windows close") {
  auto settings = settings_of("count() as n");
  settings.max_keys = 1;
  Stage stage(settings);
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:00:00Z","city":"A"})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:00:00Z","city":"B"})") ==
        "a new key, and 1 others have open windows (--max-keys)");
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:00:00Z","city":"A"})").empty());
  stage.stage.on_watermark(at("2017-01-01T00:10:00Z"), stage.out);
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:10:00Z","city":"B"})").empty());
}

TEST_CASE("without a list every numeric field that is found has its columns") {
  auto settings = settings_of("count()");
  settings.aggregates.clear();
  settings.max_fields = 2;
  Stage stage(settings);
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:00:00Z","city":"A","t":1.50,"w":"fog"})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:01:00Z","h":70,"t":"?","t":2,"city":"A","late":7})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:02:00Z","h":"?","city":"A"})").empty());
  CHECK(stage.end() ==
        R"({"window_start":"2017-01-01T00:00:00Z","window_end":"2017-01-01T00:10:00Z","city":"A","count":3,)"
        R"("t_count":2,"t_min":1.50,"t_max":2,"t_avg":1.75,"t_last":2,)"
        R"("h_count":1,"h_min":70,"h_max":70,"h_avg":70,"h_last":70,"partial":true})"
        "\n");
  CHECK(stage.stage.counts().text() ==
        "1 missing or null value left out; 2 non-numeric values left out; "
        "1 value of fields beyond the first 2 left out (--max-fields)");
}

TEST_CASE("columns and keys that clash") {
  auto settings = settings_of("count() as city");
  CHECK_THROWS_AS(weir::win_agg::WinAgg(settings), std::invalid_argument);
  settings = settings_of("count() as window_end");
  CHECK_THROWS_AS(weir::win_agg::WinAgg(settings), std::invalid_argument);
}

TEST_CASE("with a watermark per key a key is kept until upstream is ahead of it") {
  auto settings = settings_of("count() as n");
  settings.max_keys = 1;
  settings.watermark = weir::win_agg::WatermarkOf::key;
  Stage stage(settings);
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:05:00Z","city":"A"})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:05:00Z","city":"B"})") ==
        "a new key, and 1 others are held (--max-keys)");
  stage.stage.on_watermark(at("2017-01-01T00:05:00Z"), stage.out);
  CHECK_FALSE(stage.give(R"({"timestamp":"2017-01-01T00:05:00Z","city":"B"})").empty());  // A's window is open
  stage.stage.on_watermark(at("2017-01-01T00:10:00Z"), stage.out);
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:25:00Z","city":"B"})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:35:00Z","city":"B"})").empty());
  stage.taken();
  // Nothing is open before 00:30, but B's late records still matter: its state must stay.
  CHECK_FALSE(stage.give(R"({"timestamp":"2017-01-01T00:15:00Z","city":"A"})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:25:00Z","city":"B"})").empty());
  CHECK(stage.stage.counts().text() == "1 late record left out (--late FILE keeps them, --late drop does not)");
}

TEST_CASE("with a watermark per key fields that one key brings are in the rows of all") {
  auto settings = settings_of("count() as n, sum(*)");
  settings.watermark = weir::win_agg::WatermarkOf::key;
  Stage stage(settings);
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:00:00Z","city":"A","t":1})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:00:00Z","city":"B","h":2})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:01:00Z","city":"A","t":4})").empty());
  CHECK(stage.give(R"({"timestamp":"2017-01-01T00:01:00Z","city":"C"})").empty());
  CHECK(
      stage.end() ==
      R"({"window_start":"2017-01-01T00:00:00Z","window_end":"2017-01-01T00:10:00Z","city":"A","n":2,"t_sum":5,"h_sum":null,"partial":true})"
      "\n"
      R"({"window_start":"2017-01-01T00:00:00Z","window_end":"2017-01-01T00:10:00Z","city":"B","n":1,"t_sum":null,"h_sum":2,"partial":true})"
      "\n"
      R"({"window_start":"2017-01-01T00:00:00Z","window_end":"2017-01-01T00:10:00Z","city":"C","n":1,"t_sum":null,"h_sum":null,"partial":true})"
      "\n");
}
