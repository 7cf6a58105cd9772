#include "summary_mail.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "catch.hpp"
#include "folder.hpp"
#include "kept_log.hpp"
#include "record/parser.hpp"
#include "sample.hpp"
#include "saved_state.hpp"
#include "sink_host.hpp"

using namespace weir;
using namespace weir::summary_mail;

namespace {

/// The sink, with a server that accepts everything.
struct Run {
  explicit Run(SummaryMail::Settings settings = {},
               std::vector<Subscriber> subscribers = {{"ana@example.org", "", {}, Zone()}}) {
    settings.editor.from = {"weir@example.org", ""};
    SummaryMail::World world;
    world.send = [this](const std::string&, const std::string& to, const std::string& message) {
      sent.push_back(to);
      messages.push_back(message);
      return to == refuse ? smtp::Delivery{smtp::Outcome::refused, "550 no"} : smtp::Delivery{};
    };
    world.stop = [this] { return stop; };
    world.now = [] { return at("2017-06-01T20:00:00Z"); };
    sink.emplace(std::move(settings), std::move(subscribers), std::move(world), log);
    parser.emplace(sink->fields());
  }
  /// The sink as a stage of a pipeline with checkpoints.
  void start(const std::string& folder) {
    host.emplace(folder);
    sink->start(*host);
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
  std::string refuse;
  std::vector<std::string> messages;
  std::vector<std::string> sent;
  KeptLog log;
  std::optional<TestHost> host;
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
  CHECK(run.give(R"({"city":"Athens"})").starts_with("no usable time: timestamp is missing"));
  CHECK(run.give(R"({"timestamp":"soon","city":"Athens"})") == "no usable time: timestamp \"soon\" is not a time");
  CHECK(run.give(R"({"timestamp":true,"city":"Athens"})") == "no usable time: timestamp true is not a time");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z"})") == "city is missing");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":""})") == "city is missing");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":{"a":1}})") == "city is not a name");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"a\nb"})") == "city holds a control character");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"a","weather":"\u0000"})") ==
        "weather holds a control character");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"a","weather":1})") == "weather is not a text");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"a","humidity":"50"})") ==
        R"(humidity "50" is not a number)");
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":")" + std::string(201, 'x') + R"("})") ==
        "city is longer than 200 bytes");
  run.finish();
  CHECK(run.sent == std::vector<std::string>{"ana@example.org"});
  CHECK(run.log.messages.empty());
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
  settings.time.field = "t";
  settings.fields = {{"temp", "hum", "wind", "sky"}, "place.name", "pres"};
  Run run(settings);
  CHECK(run.give(R"({"t":"2017-06-01T10:00:00Z","place":{"name":"Athens"},"temp":20,"sky":"mist"})") == "");
  CHECK(run.give(R"({"t":"2017-06-01T10:00:00Z","place":{"name":"Athens"},"temp":"x"})") ==
        R"(temp "x" is not a number)");
}

TEST_CASE("readings that are days old make no mail") {
  Run run;
  CHECK(run.give(R"({"timestamp":"2017-05-20T10:00:00Z","city":"Athens"})") == "");
  run.finish();
  CHECK(run.sent.empty());
  CHECK(run.log.messages ==
        std::vector<std::string>{"no mail: the latest reading is of 2017-05-20T10:00:00Z (--date takes another day)"});
}

TEST_CASE("without readings there are no mails and no messages") {
  Run run;
  run.finish();
  CHECK(run.sent.empty());
  CHECK(run.log.messages.empty());
}

TEST_CASE("asked to stop before the input has ended, it sends nothing") {
  Run run;
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"Athens"})") == "");
  run.stop = true;
  run.finish();
  CHECK(run.sent.empty());
  CHECK(run.log.messages == std::vector<std::string>{"stopped: no mail was sent"});
}

TEST_CASE("asked to stop between two mails, it reports how many were sent") {
  Run run({}, {{"a@b", "", {}, Zone()}, {"c@d", "", {}, Zone()}, {"e@f", "", {}, Zone()}});
  CHECK(run.give(R"({"timestamp":"2017-06-01T10:00:00Z","city":"Athens"})") == "");
  CHECK_FALSE(run.sink->finish());
  run.stop = true;
  run.finish();
  CHECK(run.sent == std::vector<std::string>{"a@b"});
  CHECK(run.log.messages == std::vector<std::string>{"stopped: 1 sent, 2 not sent"});
}

namespace {

void restore(SummaryMail& sink, std::string_view bytes, OutboxSink::LastEpoch last = OutboxSink::LastEpoch::unknown) {
  test::load_state(sink, bytes);
  sink.restored(last);
}

void commit(SummaryMail& sink) {
  for (int i = 0; !sink.carry_out(1); ++i) REQUIRE(i < 100);
}

std::string reading(int i) {
  return fmt::format(R"({{"timestamp":"2017-06-01T{:02}:{:02}:00Z","city":"{}","temperature_c":{}{},"weather":"{}"}})",
                     i / 6 % 12, i % 6 * 10, i % 3 == 0 ? "Athens" : "Oslo", i * 7 % 30,
                     i % 4 == 0 ? "" : ",\"humidity\":50.5", i % 5 == 0 ? "rain" : "clear sky");
}

}  // namespace

TEST_CASE("with checkpoints a stage made anew sends the same mails, and each once") {
  constexpr int count = 60;
  const auto run_with_restarts = [](int every) {
    test::Folder folder;
    std::vector<std::string> mails;
    auto run = std::make_unique<Run>();
    const auto keep = [&] {
      mails.insert(mails.end(), run->messages.begin(), run->messages.end());
      const std::string state = test::saved_state(*run->sink);
      run = std::make_unique<Run>();
      run->start(folder.path);
      restore(*run->sink, state);
    };
    run->start(folder.path);
    for (int i = 0; i < count; ++i) {
      CHECK(run->give(reading(i)) == "");
      if (every > 0 && i % every == 0) {
        commit(*run->sink);
        keep();
      }
    }
    run->sink->on_end();
    if (every > 0) keep();
    commit(*run->sink);
    if (every > 0) keep();
    commit(*run->sink);
    mails.insert(mails.end(), run->messages.begin(), run->messages.end());
    return mails;
  };
  const std::vector<std::string> undisturbed = run_with_restarts(0);
  REQUIRE(undisturbed.size() == 1);
  for (const int every : {1, 7, 25}) CHECK(run_with_restarts(every) == undisturbed);
}

TEST_CASE("mails that are due go to those who were to get them, and to nobody whose mail is noted or refused") {
  test::Folder folder;
  const std::vector<Subscriber> people{{"ana@example.org", "", {}, Zone()},
                                       {"bad@example.org", "", {}, Zone()},
                                       {"zoe@example.org", "Zoë", {"Oslo"}, *Zone::find("Europe/Athens")}};
  Run first({}, people);
  first.refuse = "bad@example.org";
  first.start(folder.path);
  for (int i = 0; i < 12; ++i) CHECK(first.give(reading(i)) == "");
  first.sink->on_end();
  const std::string due = test::saved_state(*first.sink);
  commit(*first.sink);
  CHECK(first.sent == std::vector<std::string>{"ana@example.org", "bad@example.org", "zoe@example.org"});
  CHECK(first.sink->failed());

  Run again({}, {{"new@example.org", "", {}, Zone()}});
  again.start(folder.path);
  SECTION("known to be done") { restore(*again.sink, due, OutboxSink::LastEpoch::carried_out); }
  SECTION("killed before that was known") { restore(*again.sink, due); }
  commit(*again.sink);
  CHECK(again.sent.empty());
  CHECK_FALSE(again.sink->failed());

  test::Folder other;
  Run elsewhere({}, {{"new@example.org", "", {}, Zone()}});
  elsewhere.start(other.path);
  restore(*elsewhere.sink, due);
  commit(*elsewhere.sink);
  CHECK(elsewhere.sent == std::vector<std::string>{"ana@example.org", "bad@example.org", "zoe@example.org"});
}
