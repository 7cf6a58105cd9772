#include "ml_call.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "catch.hpp"
#include "kept_answers.hpp"
#include "record/parser.hpp"
#include "saved_state.hpp"

using namespace weir;
using namespace weir::ml_call;

namespace {

Time at(const char* time) { return *TimeParser().parse(time); }

std::string refusal(const Settings& settings) {
  try {
    const MlCall stage(settings);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "taken";
}

Settings with(std::vector<std::string> inputs) {
  Settings settings;
  settings.caller.url = "http://127.0.0.1:1/none";
  settings.caller.retries = 0;
  settings.inputs = std::move(inputs);
  return settings;
}

/// A stage whose server does not answer, so that every prediction is the fallback.
struct Run {
  explicit Run(const Settings& settings) : stage(settings), parser(stage.fields()) { stage.start(kept); }
  std::string operator()(const std::string& line) {
    const Record* record = parser.parse_copy(line, ++tickets);
    REQUIRE(record != nullptr);
    const Verdict verdict = stage.on_record(*record, Ticket{tickets});
    if (verdict.rejected()) return "! " + verdict.reason();
    return answer(tickets);
  }
  std::string answer(std::uint64_t ticket) {
    while (!kept.answers.contains(ticket)) stage.wait({}, WaitLimit(50));
    return kept.answers[ticket];
  }
  std::string end() {
    const Ticket ticket{++tickets};
    return stage.on_end(ticket) ? answer(tickets) : "nothing";
  }
  test::KeptAnswers kept;
  MlCall stage;
  RecordParser parser;
  std::uint64_t tickets = 0;
};

const std::string away = "cannot connect to 127.0.0.1 port 1";

}  // namespace

TEST_CASE("an input is a field, perhaps with a name and a default") {
  const Input plain = read_input("location.lat");
  CHECK((plain.name == "location.lat" && plain.field == "location.lat" && !plain.fallback));
  const Input whole = read_input("influent_BOD=BOD:-180");
  CHECK((whole.name == "influent_BOD" && whole.field == "BOD" && whole.fallback == "180"));
  CHECK(read_input("a:--1.5").fallback == "-1.5");
  for (const char* text : {"", "=a", "a=", "a:-", "a:-x", "a:-1,", ":-1"})
    CHECK_THROWS_AS(read_input(text), std::invalid_argument);
}

TEST_CASE("without a server a record is rejected, or has the fallback and the reason") {
  Run reject(with({"a"}));
  CHECK(reject(R"({"a":1})") == "! no prediction: " + away);
  Settings settings = with({"a:-7"});
  settings.fallback = "null";
  Run fallback(settings);
  CHECK(fallback(R"({"a":1.0, "b":2})") ==
        R"({"a":1.0, "b":2,"prediction":null,"prediction_error":")" + away + "\"}\n");
  CHECK(fallback(R"({"prediction":[1],"b":2})") ==
        R"({"prediction":null,"b":2,"prediction_error":")" + away + "\"}\n");
  CHECK(fallback.kept.notes.size() == 1);
}

TEST_CASE("a record without an input that has no default, or is required, is rejected") {
  Settings settings = with({"a", "b:-1"});
  settings.require = {"b"};
  Run run(settings);
  CHECK(run(R"({"b":1})") == "! a is missing; a default is given by --input FIELD:-DEFAULT");
  CHECK(run(R"({"a":1,"b":null})") == "! b is null (--require)");
  settings.protocol.protocol = Protocol::v2;
  Run v2(settings);
  CHECK(v2(R"({"a":"wet","b":1})") == "! a \"wet\" is not a number");
}

TEST_CASE("a prediction's record has the time, the key, the model and the inputs") {
  Settings settings = with({"x=a", "b:-1"});
  settings.form = Form::prediction;
  settings.by = {"plant"};
  settings.model = "m";
  settings.fallback = "0";
  Run run(settings);
  CHECK(run(R"({"plant":"p1","time":"2026-01-01T02:00:00+01:00","a":2.50})") ==
        R"({"timestamp":"2026-01-01T01:00:00Z","plant":"p1","model":"m","prediction":0,"prediction_error":")" + away +
            "\",\"input\":{\"x\":2.50,\"b\":1}}\n");
}

TEST_CASE("readings are gathered for each key and interval, the latest counts") {
  Settings settings = with({"pH", "BOD:-180"});
  settings.every = std::chrono::minutes(1);
  settings.by = {"plant"};
  settings.parameter = "parameter";
  settings.fallback = "null";
  const auto line = [](const char* plant, const char* second, const char* parameter, const char* value) {
    return std::string(R"({"plant":")") + plant + R"(","timestamp":"2026-01-01T00:0)" + second + R"(Z","parameter":")" +
           parameter + R"(","value":)" + value + "}";
  };
  const auto made = [](const char* plant, const char* minute, const char* input) {
    return std::string(R"({"timestamp":"2026-01-01T00:0)") + minute + R"(:00Z","plant":")" + plant +
           R"(","prediction":null,"prediction_error":")" + away + R"(","input":)" + input + "}\n";
  };
  Run run(settings);
  CHECK(run(line("p1", "0:10", "pH", "7.1")).empty());
  CHECK(run(line("p2", "0:10", "BOD", "5")).empty());
  CHECK(run(line("p1", "0:05", "pH", "6")).empty());
  CHECK(run(line("p1", "0:10", "pH", "7.20")).empty());
  CHECK(run(line("p1", "0:50", "color", "3")).empty());
  CHECK(run(line("p1", "0:59", "pH", "\"x\"")) == "! pH \"x\" is not a number");
  Run restored(settings);
  test::load_state(restored.stage, test::saved_state(run.stage));
  for (Run* each : {&run, &restored}) {
    CHECK((*each)(line("p3", "1:00", "pH", "7")) == made("p1", "1", R"({"pH":7.20,"BOD":180})"));
    CHECK((*each)(line("p1", "0:59", "pH", "7")).starts_with("! late: "));
    CHECK(each->stage.counts().text().find("1 interval without all inputs") != std::string::npos);
    CHECK_FALSE(each->stage.on_watermark(at("2026-01-01T00:01:59Z"), Ticket{100}));
    CHECK(each->stage.on_watermark(at("2026-01-01T00:02:00Z"), Ticket{101}));
    CHECK(each->answer(101) == made("p3", "2", R"({"pH":7,"BOD":180})"));
    CHECK((*each)(line("p1", "3:00", "pH", "1")).empty());
    CHECK((*each)(line("p0", "3:30", "pH", "2")).empty());
    CHECK(each->end() == made("p0", "4", R"({"pH":2,"BOD":180})") + made("p1", "4", R"({"pH":1,"BOD":180})"));
    CHECK(each->end() == "nothing");
  }
}

TEST_CASE("with a clock for each key, a key ends its own intervals only") {
  Settings settings = with({"pH"});
  settings.every = std::chrono::minutes(1);
  settings.lateness = std::chrono::seconds(10);
  settings.clock = Gather::Clock::key;
  settings.by = {"plant"};
  settings.fallback = "null";
  const auto line = [](const char* plant, const char* time, const char* value) {
    return fmt::format(R"({{"plant":"{}","timestamp":"2026-01-01T00:{}Z","pH":{}}})", plant, time, value);
  };
  const auto made = [](const char* plant, const char* minute, const char* value) {
    return fmt::format(R"({{"timestamp":"2026-01-01T00:{}:00Z","plant":"{}","prediction":null,"prediction_error":"{}","input":{{"pH":{}}}}})",
                       minute, plant, away, value) + "\n";
  };
  Run run(settings);
  CHECK(run(line("p1", "00:10", "1")).empty());
  CHECK(run(line("p2", "30:00", "2")).empty());
  CHECK(run(line("p1", "00:59", "3")).empty());
  CHECK(run(line("p1", "01:05", "4")).empty());
  Run restored(settings);
  test::load_state(restored.stage, test::saved_state(run.stage));
  for (Run* each : {&run, &restored}) {
    CHECK((*each)(line("p1", "00:58", "5")).empty());
    CHECK((*each)(line("p1", "03:20", "6")) == made("p1", "01", "3") + made("p1", "02", "4"));
    CHECK((*each)(line("p1", "01:59", "7")).starts_with("! late: its interval is over, as it is 2026-01-01T00:03:10Z"));
    CHECK((*each)(line("p2", "31:09", "8")).empty());
    CHECK((*each)(line("p2", "31:10", "9")) == made("p2", "31", "2"));
    CHECK(each->stage.on_watermark(at("2026-01-01T00:05:00Z"), Ticket{100}));
    CHECK(each->answer(100) == made("p1", "04", "6"));
    CHECK((*each)(line("p3", "04:59", "1")).starts_with("! late: "));
    CHECK(each->end() == made("p2", "32", "9"));
    CHECK(each->end() == "nothing");
  }
}

TEST_CASE("no more keys are held than allowed, and a reject leaves no trace") {
  Settings settings = with({"pH"});
  settings.every = std::chrono::minutes(1);
  settings.by = {"plant"};
  settings.max_keys = 1;
  Run run(settings);
  CHECK(run(R"({"plant":"p1","ts":"2026-01-01T00:00:00Z","pH":1})").empty());
  const std::string before = test::saved_state(run.stage);
  CHECK(run(R"({"plant":"p2","ts":"2026-01-01T00:00:30Z","pH":1})") == "! no room for a further key (--max-keys)");
  CHECK(test::saved_state(run.stage) == before);
}

TEST_CASE("options that do not go together are wrong usage") {
  CHECK(refusal(with({})).starts_with("--input is needed"));
  Settings parameter = with({"a"});
  parameter.parameter = "p";
  CHECK(refusal(parameter).starts_with("--parameter goes with --every"));
  Settings fallback = with({"a"});
  fallback.fallback = "none";
  CHECK(refusal(fallback).starts_with("--fallback: 'none' is not JSON"));
  Settings require = with({"a"});
  require.require = {"b"};
  CHECK(refusal(require) == "--require: no --input is from 'b'");
  Settings by = with({"a"});
  by.form = Form::prediction;
  by.by = {"model"};
  CHECK(refusal(by).starts_with("--by model: a prediction has that member"));
}
