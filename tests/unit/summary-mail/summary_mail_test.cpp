#include "summary_mail.hpp"

#include "catch.hpp"
#include "record/parser.hpp"
#include "sample.hpp"

using namespace weir;

namespace {

/// The sink with a post that takes everything.
struct Run {
  explicit Run(SummaryMail::Settings settings = {},
               std::vector<Subscriber> subscribers = {{"ana@example.org", "", {}, Zone()}}) {
    settings.editor.from = {"weir@example.org", ""};
    SummaryMail::World world;
    world.send = [this](const std::string&, const std::string& to, const std::string&) {
      sent.push_back(to);
      return smtp::Delivery{};
    };
    world.info = world.warn = world.error = [this](const std::string& text) { words.push_back(text); };
    world.stop = [this] { return stop; };
    world.now = [] { return at("2017-06-01T12:00:00Z"); };
    sink.emplace(std::move(settings), std::move(subscribers), std::move(world));
    parser.emplace(sink->fields());
  }

  std::string give(std::string_view line) {
    const Record* record = parser->parse_copy(line, 1);
    REQUIRE(record != nullptr);
    return sink->on_record(*record).reason();
  }

  void finish() {
    for (int i = 0; !sink->finish(); ++i) REQUIRE(i < 100);
  }

  bool stop = false;
  std::vector<std::string> sent;
  std::vector<std::string> words;
  std::optional<SummaryMail> sink;
  std::optional<RecordParser> parser;
};

}  // namespace

TEST_CASE("records that are readings and records that are not") {
  Run run;
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"Athens","temperature_c":20})") == "");
  CHECK(run.give(R"({"timestamp":"2017-06-01 11:00:00","city":7,"temperature_c":null,"weather":null,"other":[1]})") ==
        "");
  CHECK(run.give(R"({"timestamp":1496300400,"city":"Athens"})") == "");
  CHECK(run.give(R"({"city":"Athens"})") == "there is no timestamp");
  CHECK(run.give(R"({"timestamp":"soon","city":"Athens"})") == "timestamp is not a time");
  CHECK(run.give(R"({"timestamp":true,"city":"Athens"})") == "timestamp is not a time");
  CHECK(run.give(R"({"timestamp":"2017-06-01T13:00:01Z","city":"Athens"})") ==
        "timestamp lies in the future (--max-future)");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z"})") == "there is no city");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":""})") == "there is no city");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":{"a":1}})") == "city is not a name");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"a\nb"})") == "city holds a control character");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"a","weather":"\u0000"})") ==
        "weather holds a control character");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"a","weather":1})") == "weather is not a text");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"a","humidity":"50"})") == "humidity is not a number");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":")" + std::string(201, 'x') + R"("})") ==
        "city is longer than 200 bytes");
  run.finish();
  CHECK(run.sent == std::vector<std::string>{"ana@example.org"});
  CHECK(run.words.empty());
  CHECK_FALSE(run.sink->failed());
}

TEST_CASE("a rejected record leaves no trace") {
  Run run;
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"a","humidity":"50"})") != "");
  run.finish();
  CHECK(run.sent.empty());
}

TEST_CASE("other names of the fields") {
  SummaryMail::Settings settings;
  settings.fields = {"t", "place.name", "temp", "hum", "pres", "wind", "sky"};
  Run run(settings);
  CHECK(run.give(R"({"t":"2017-06-01T10:00:00Z","place":{"name":"Athens"},"temp":20,"sky":"mist"})") == "");
  CHECK(run.give(R"({"t":"2017-06-01T10:00:00Z","place":{"name":"Athens"},"temp":"x"})") == "temp is not a number");
}

TEST_CASE("without readings there are no mails, and nothing to say") {
  Run run;
  run.finish();
  CHECK(run.sent.empty());
  CHECK(run.words.empty());
}

TEST_CASE("asked to stop before the input has ended, it sends nothing") {
  Run run;
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"Athens"})") == "");
  run.stop = true;
  run.finish();
  CHECK(run.sent.empty());
  CHECK(run.words == std::vector<std::string>{"stopped: no mail was sent"});
}

TEST_CASE("asked to stop between two mails, it says how far it came") {
  Run run({}, {{"a@b", "", {}, Zone()}, {"c@d", "", {}, Zone()}, {"e@f", "", {}, Zone()}});
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"Athens"})") == "");
  CHECK_FALSE(run.sink->finish());
  run.stop = true;
  run.finish();
  CHECK(run.sent == std::vector<std::string>{"a@b"});
  CHECK(run.words == std::vector<std::string>{"stopped: 1 sent, 2 not sent"});
}
