#include "edge_filter.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "record/parser.hpp"
#include "time/timestamp.hpp"

using namespace weir;
using namespace weir::edge_filter;

namespace {

/// For each reading the seconds of the records that are sent.
using Sent = std::vector<std::string>;

class Stream {
 public:
  explicit Stream(const Settings& settings) : stage_(settings), parser_(stage_.fields()) {}

  std::string line(const std::string& line) {
    const Record* record = parser_.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    out_.lines.clear();
    const Verdict verdict = stage_.on_record(*record, out_);
    return verdict.rejected() ? verdict.reason() : out_.lines;
  }
  /// The seconds of the records that are sent, for a reading at a second.
  std::string give(int second, const std::string& value) {
    return sent(line(
        fmt::format(R"({{"timestamp":"2026-01-01T00:{:02}:{:02}Z","value":{}}})", second / 60, second % 60, value)));
  }
  /// As give() for readings at the seconds from `first` on, one for each.
  Sent give_all(int first, const std::vector<std::string>& values) {
    Sent all;
    for (const std::string& value : values) all.push_back(give(first++, value));
    return all;
  }
  std::string watermark(const std::string& time) {
    out_.lines.clear();
    const Time at = *TimeParser().parse(time);
    stage_.on_watermark(at, out_);
    return sent(out_.lines) + (stage_.promise(at) == at ? "" : "held");
  }
  std::string end() {
    out_.lines.clear();
    stage_.on_end(out_);
    return sent(out_.lines);
  }
  EdgeFilter& stage() { return stage_; }

  static Settings settings() {
    Settings settings;
    settings.types.smooth = {"none"};
    settings.written = Written::sent;
    return settings;
  }

 private:
  static std::string sent(const std::string& lines) {
    std::string all;
    for (std::size_t at = 0; (at = lines.find("T00:", at)) != std::string::npos; ++at)
      all += lines.substr(at + 7, 2) + " ";
    return all;
  }
  EdgeFilter stage_;
  RecordParser parser_;
  Output out_;
};

}  // namespace

TEST_CASE("a record too long to be held is rejected where one is held") {
  const std::string record =
      R"({"timestamp":"2026-01-01T00:00:01Z","value":1,"text":")" + std::string(70'000, 'x') + "\"}";
  Settings settings = Stream::settings();
  CHECK(Stream(settings).line(record).find("should_transmit") != std::string::npos);
  settings.previous = Previous::too;
  CHECK(Stream(settings).line(record) == "the record is longer than 65536 bytes, the most that is kept for a key");
}

TEST_CASE("members are added, and replaced where they are") {
  Settings settings = Stream::settings();
  settings.written = Written::all;
  Stream stream(settings);
  CHECK(stream.line(R"({"timestamp":"2026-01-01T00:00:00Z","value":1.50})") ==
        "{\"timestamp\":\"2026-01-01T00:00:00Z\",\"value\":1.50,\"raw_value\":1.50,\"processed_value\":1.50,"
        "\"quality_score\":1,\"anomaly_score\":0,\"should_transmit\":true}\n");
  CHECK(stream.line(R"({"should_transmit":"?","timestamp":"2026-01-01T00:00:01Z","value":null})") ==
        "{\"should_transmit\":true,\"timestamp\":\"2026-01-01T00:00:01Z\",\"value\":null,\"raw_value\":null,"
        "\"processed_value\":null,\"quality_score\":null,\"anomaly_score\":null}\n");
  CHECK(stream.line(R"({"timestamp":"2026-01-01T00:00:02Z","value":"1"})") == "value \"1\" is not a number");
  CHECK(stream.line(R"({"value":1})").find("timestamp") != std::string::npos);
}

TEST_CASE("a dead band compares with the last value sent") {
  Settings settings = Stream::settings();
  settings.types.deadbands = {"1"};
  Stream stream(settings);
  CHECK(stream.give_all(0, {"10", "10.9", "11", "11.1", "null", "null", "11.1"}) ==
        Sent{"00 ", "", "", "03 ", "04 ", "", "06 "});
}

TEST_CASE("intervals and changes of status") {
  Settings settings = Stream::settings();
  settings.types.deadbands = {"1"};
  settings.min_interval = std::chrono::seconds(5);
  settings.max_interval = std::chrono::seconds(20);
  settings.on_change = {"status"};
  Stream stream(settings);
  CHECK(stream.give(0, "10") == "00 ");
  CHECK(stream.give(4, "20") == "");
  CHECK(stream.give(5, "20") == "05 ");
  CHECK(stream.give(24, "20") == "");
  CHECK(stream.give(25, "20") == "25 ");
  CHECK(stream.line(R"({"timestamp":"2026-01-01T00:00:26Z","value":20,"status":"bad"})").size() > 10);
  CHECK(stream.line(R"({"timestamp":"2026-01-01T00:00:26Z","value":20,"status":{}})") ==
        "status is not a short plain value (--on-change)");
}

TEST_CASE("the reading before a change is sent, too") {
  Settings settings = Stream::settings();
  settings.types.deadbands = {"1"};
  settings.previous = Previous::too;
  Stream stream(settings);
  CHECK(stream.give_all(0, {"10", "10", "10.5", "20", "30", "30"}) == Sent{"00 ", "", "", "02 03 ", "04 ", ""});
  CHECK(stream.end() == "");
}

TEST_CASE("a swinging door sends corners, and holds no watermark back for ever") {
  Settings settings = Stream::settings();
  settings.types.swings = {"0.5"};
  Stream stream(settings);
  CHECK(stream.give_all(0, {"0", "1", "2.4", "3", "3"}) == Sent{"00 ", "", "", "", "03 "});
  CHECK(stream.watermark("2026-01-01T00:30:00Z") == "held");
  CHECK(stream.watermark("2026-01-01T01:00:05Z") == "04 ");
  CHECK(stream.give(10, "9") == "");
  CHECK(stream.end() == "10 ");
}

TEST_CASE("an outlier is left out until it comes again and again") {
  Settings settings = Stream::settings();
  settings.types.smooth = {"median:3"};
  settings.written = Written::all;
  Stream stream(settings);
  const auto give = [&](int at, const char* value) {
    return stream.line(fmt::format(R"({{"timestamp":"2026-01-01T00:00:{:02}Z","value":{}}})", at, value));
  };
  for (int i = 0; i < 20; ++i) give(i, i % 2 == 0 ? "20" : "21");
  const std::string held = R"("processed_value":21,)";
  CHECK(give(30, "90").find(held) != std::string::npos);
  CHECK(give(31, "90").find(R"("anomaly_score":1,)") != std::string::npos);
  CHECK(give(32, "20").find(R"("processed_value":20,)") != std::string::npos);
  CHECK(give(33, "90").find(R"("processed_value":20,)") != std::string::npos);
  CHECK(give(34, "90").find(R"("processed_value":20,)") != std::string::npos);
  CHECK(give(35, "90").find(R"("processed_value":90,)") != std::string::npos);
  CHECK(stream.stage().counts().text().find("4 outliers") != std::string::npos);
}

TEST_CASE("settings that do not go together") {
  Settings settings;
  settings.by = {"should_transmit"};
  CHECK_THROWS_AS(EdgeFilter(settings), std::invalid_argument);
  settings = {};
  settings.types.smooth = {"filtfilt:40:0.1"};
  CHECK_THROWS_AS(EdgeFilter(settings), std::invalid_argument);
  settings = {};
  settings.min_interval = std::chrono::seconds(2);
  settings.max_interval = std::chrono::seconds(1);
  CHECK_THROWS_AS(EdgeFilter(settings), std::invalid_argument);
}
