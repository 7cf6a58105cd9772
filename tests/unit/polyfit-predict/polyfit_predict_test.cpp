#include "polyfit_predict.hpp"

#include <utility>

#include "catch.hpp"
#include "record/parser.hpp"

using namespace std::chrono_literals;

namespace {

struct Stage {
  explicit Stage(const weir::polyfit_predict::Settings& settings) : stage(settings), parser(stage.fields()) {}

  std::string give(const std::string& line) {
    const weir::Record* record = parser.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    return stage.on_record(*record, out).reason();
  }
  std::string taken() { return std::exchange(out.lines, {}); }
  std::string end() {
    stage.on_end(out);
    return taken();
  }

  weir::polyfit_predict::PolyfitPredict stage;
  weir::RecordParser parser;
  weir::Output out;
};

std::string reading(const std::string& minute, const std::string& city, const std::string& t) {
  return R"({"timestamp":"2026-01-01T00:)" + minute + R"(:00Z","city":")" + city + R"(","t":)" + t + "}";
}

weir::polyfit_predict::Settings settings_of() {
  weir::polyfit_predict::Settings settings;
  settings.time.epochs = weir::Epochs::any;
  settings.by = {"city"};
  settings.fields = {"t"};
  return settings;
}

}  // namespace

TEST_CASE("a line through a few steps") {
  Stage stage(settings_of());
  // y = 2, 4, 5, 4, 5 at x = 0 … 4: slope 0.6, intercept 2.8, sd sqrt(0.8); the interval at x = 5 is computed in the
  // stats room's test.
  for (const auto& [minute, t] : {std::pair{"00", "2"}, {"10", "4"}, {"20", "5"}, {"30", "4.0"}, {"40", "5"}})
    CHECK(stage.give(reading(minute, "A", t)).empty());
  CHECK(stage.taken().empty());
  const std::string out = stage.end();
  CHECK(out.starts_with(R"({"timestamp":"2026-01-01T00:50:00Z","city":"A","field":"t","prediction":5.)"));
  CHECK(out.find(R"("n":5,"r2":0.6)") != std::string::npos);
  CHECK(stage.stage.counts().text().empty());
}

TEST_CASE("an exact line, by steps and by time") {
  auto settings = settings_of();
  settings.last = 3;
  const auto feed = [](Stage& stage) {
    for (const auto& [minute, t] : {std::pair{"00", "99"}, {"10", "1"}, {"20", "1"}, {"30", "1"}})
      CHECK(stage.give(reading(minute, "A", t)).empty());
  };
  Stage steps(settings);
  feed(steps);
  CHECK(steps.end() == R"({"timestamp":"2026-01-01T00:40:00Z","city":"A","field":"t","prediction":1,"low":1,"high":1,)"
                       R"("coefficients":[0,1],"n":3,"r2":null,"sd":0})"
                       "\n");
  settings.ahead = "24h";
  Stage time(settings);
  feed(time);
  CHECK(time.end() == R"({"timestamp":"2026-01-02T00:30:00Z","city":"A","field":"t","prediction":1,"low":1,"high":1,)"
                      R"("coefficients":[0,1],"n":3,"r2":null,"sd":0})"
                      "\n");
}

TEST_CASE("too few readings, or too few times, give no prediction and are counted") {
  auto settings = settings_of();
  settings.ahead = "1h";
  Stage stage(settings);
  CHECK(stage.give(reading("00", "A", "1")).empty());
  CHECK(stage.give(reading("10", "A", "2")).empty());
  CHECK(stage.give(reading("20", "A", "null")).empty());
  for (int i = 0; i < 5; ++i) CHECK(stage.give(reading("00", "B", std::to_string(i))).empty());
  CHECK(stage.end().empty());
  CHECK(stage.stage.counts().text() ==
        "2 predictions left out: too few readings, or too few different times; 1 missing or null value left out");
}

TEST_CASE("live, with the readings") {
  auto settings = settings_of();
  settings.when = weir::polyfit_predict::PredictWhen::every_record;
  settings.readings = weir::polyfit_predict::Readings::pass;
  settings.last = 3;
  Stage stage(settings);
  for (const char* minute : {"10", "20"}) CHECK(stage.give(reading(minute, "A", "1")).empty());
  CHECK(stage.taken() == reading("10", "A", "1") + "\n" + reading("20", "A", "1") + "\n");
  CHECK(stage.give(reading("30", "A", "1")).empty());
  const std::string out = stage.taken();
  CHECK(out.starts_with(reading("30", "A", "1") + "\n" +
                        R"({"timestamp":"2026-01-01T00:40:00Z","city":"A","field":"t","prediction":1,)"));
  CHECK(stage.give(reading("05", "A", "1")).empty());  // older than the last three: passed on, without a prediction
  CHECK(stage.taken() == reading("05", "A", "1") + "\n");
  CHECK(stage.end().empty());
  CHECK(stage.stage.counts().text() == "1 reading left out: older than the last 3 of its series");
}

TEST_CASE("times are needed on the time axis alone") {
  auto settings = settings_of();
  Stage steps(settings);
  for (const char* t : {"1", "1", "1"}) CHECK(steps.give(std::string(R"({"city":"A","t":)") + t + "}").empty());
  CHECK(steps.give(R"({"city":"A","t":1,"timestamp":"soon"})") == R"(no usable time: timestamp "soon" is not a time)");
  CHECK(steps.end().starts_with(R"({"timestamp":null,"city":"A","field":"t","prediction":1,)"));
  settings.ahead = "1h";
  Stage time(settings);
  CHECK(time.give(R"({"city":"A","t":1})") == "no usable time: timestamp is missing (--time names the field)");
}

TEST_CASE("bad records are rejected, and times centuries apart do no harm") {
  auto settings = settings_of();
  settings.max_keys = 1;
  settings.ahead = "10000d";
  Stage stage(settings);
  CHECK(stage.give(reading("00", "A", "\"1\"")) == "t \"1\" is not a number");
  CHECK(stage.give(reading("00", "A", "1e999")) == "t 1e999 is not a number that a double can hold");
  for (const char* year : {"1678", "2000", "2261"})
    CHECK(stage.give(std::string(R"({"timestamp":")") + year + R"(-01-01T00:00:00Z","city":"A","t":1})").empty());
  CHECK(stage.give(reading("00", "B", "1")) == "a new key, and 1 others are held (--max-keys)");
  CHECK(stage.end().find(R"("prediction":1,)") != std::string::npos);
}

TEST_CASE("a value that is not a number costs no other value of its record") {
  auto settings = settings_of();
  settings.fields = {"t", "h"};
  const auto record = [](const char* minute, const char* values) {
    return std::string(R"({"timestamp":"2026-01-01T00:)") + minute + R"(:00Z","city":"A",)" + values + "}";
  };
  Stage stage(settings);
  CHECK(stage.give(record("00", R"("t":1,"h":"21,5")")).empty());
  CHECK(stage.give(record("01", R"("t":2,"h":1e400)")).empty());
  CHECK(stage.give(record("02", R"("t":3,"h":50)")).empty());
  REQUIRE(stage.out.messages.size() == 1);
  CHECK(stage.out.messages[0].text == "h \"21,5\" is not a number (csv-tail --decimal , makes it one): left out");
  CHECK(stage.give(record("03", R"("t":"x","h":"y")")) == "t \"x\" is not a number");
  CHECK(stage.end().find(R"("field":"t","prediction":4,)") != std::string::npos);
  CHECK(stage.stage.counts().text() ==
        "1 prediction left out: too few readings, or too few different times; 2 non-numeric values left out");
  settings.strict = true;
  Stage strict(settings);
  CHECK(strict.give(record("00", R"("t":1,"h":"x")")) == "h \"x\" is not a number");
}

TEST_CASE("fields that clash") {
  auto settings = settings_of();
  settings.by = {"field"};
  CHECK_THROWS_AS(weir::polyfit_predict::PolyfitPredict(settings), std::invalid_argument);
  settings = settings_of();
  settings.fields = {"t", "t"};
  CHECK_THROWS_AS(weir::polyfit_predict::PolyfitPredict(settings), std::invalid_argument);
}

TEST_CASE("predictions stay within the bounds of their field") {
  auto settings = settings_of();
  settings.bounds = {"t=0..100"};
  Stage stage(settings);
  for (int i = 0; i < 5; ++i)
    CHECK(stage.give(reading("0" + std::to_string(i), "A", std::to_string(80 + 5 * i))).empty());
  const std::string up = stage.end();
  CHECK(up.find(R"("prediction":100,"low":100,"high":100)") != std::string::npos);  // the line goes on to 105
  settings.bounds = {"t=..90"};
  Stage open(settings);
  for (int i = 0; i < 5; ++i) CHECK(open.give(reading("0" + std::to_string(i), "A", std::to_string(-5 * i))).empty());
  CHECK(open.end().find(R"("prediction":-2)") != std::string::npos);
  for (const char* wrong : {"t", "t=5", "t=5..1", "u=0..1", "t=a..1"}) {
    settings.bounds = {wrong};
    CHECK_THROWS_AS(weir::polyfit_predict::PolyfitPredict(settings), std::invalid_argument);
  }
}
