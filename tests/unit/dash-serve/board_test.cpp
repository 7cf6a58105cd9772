#include "board.hpp"

#include <fmt/format.h>

#include "catch.hpp"

using namespace weir;
using namespace weir::dash_serve;

namespace {

/// Gives lines to a board as a run does.
class Feeder {
 public:
  explicit Feeder(Board& board) : board_(board), parser_(board.fields()) {}
  bool operator()(const std::string& line) {
    const Record* record = parser_.parse_copy(line, ++number_);
    return record != nullptr && !board_.take(*record).rejected();
  }

 private:
  Board& board_;
  RecordParser parser_;
  std::uint64_t number_ = 0;
};

std::string reading(std::string_view city, int temperature) {
  return fmt::format(R"({{"timestamp":"2026-01-01T00:00:{:02}Z","city":"{}","temperature_c":{}}})", temperature % 60,
                     city, temperature);
}

std::vector<std::string> lines(const LineRing& ring) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < ring.size(); ++i) out.emplace_back(ring[i]);
  return out;
}

}  // namespace

TEST_CASE("the last readings of each key are kept, as they came") {
  Board board({.by = {"city"}, .points = 3});
  Feeder feed(board);
  for (int i = 0; i < 10; ++i) CHECK(feed(reading("Athens", i)));
  CHECK(feed(reading("Oslo", 1)));
  const Board::Key* athens = board.find("Athens");
  REQUIRE(athens != nullptr);
  CHECK(lines(athens->readings) ==
        std::vector<std::string>{reading("Athens", 7), reading("Athens", 8), reading("Athens", 9)});
  CHECK(athens->count == 10);
  CHECK(athens->members == ",\"city\":\"Athens\"");
  CHECK(board.keys() == 2);
  CHECK(board.records() == 11);
  CHECK(board.find("Berlin") == nullptr);
}

TEST_CASE("readings, predictions and alerts are distinguished by their fields") {
  Board board({.by = {"city"}});
  Feeder feed(board);
  feed(reading("Athens", 1));
  feed(
      R"({"timestamp":"2026-01-02T00:00:00Z","city":"Athens","field":"temperature_c","prediction":2.5,"low":1,"high":4})");
  feed(R"({"timestamp":"2026-01-01T00:00:00Z","state":"firing","level":"warning","rule":"t > 0","city":"Athens"})");
  // Records that nearly match another kind are readings.
  feed(R"({"city":"Athens","state":"firing"})");
  feed(R"({"city":"Athens","prediction":3})");
  feed(R"({"city":"Athens","state":"open","rule":"x"})");
  const Board::Key* athens = board.find("Athens");
  REQUIRE(athens != nullptr);
  CHECK(athens->readings.size() == 4);
  CHECK(athens->predictions.size() == 1);
  CHECK(board.alerts(1000).size() == 1);
  CHECK(board.firing() == 1);
}

TEST_CASE("alerts: firing ones stay, however many others come; they are counted by level and parameter") {
  Board board({.by = {"city"}, .alerts = 2});
  Feeder feed(board);
  const auto alert = [](std::string_view city, std::string_view state) {
    return fmt::format(
        R"({{"timestamp":"2026-01-01T00:00:00Z","state":"{}","level":"warning","rule":"hot","city":"{}"}})", state,
        city);
  };
  feed(alert("Athens", "firing"));
  for (int i = 0; i < 5; ++i) {
    feed(alert("Oslo", "firing"));
    feed(alert("Oslo", "resolved"));
  }
  const auto kept = [&](std::size_t most) {
    std::vector<std::string> out;
    for (const std::string_view line : board.alerts(most)) out.emplace_back(line);
    return out;
  };
  using Lines = std::vector<std::string>;
  CHECK(kept(1000) == Lines{alert("Athens", "firing"), alert("Oslo", "firing"), alert("Oslo", "resolved")});
  // With less room the oldest go, and firing ones have as much room again.
  CHECK(kept(alert("Athens", "firing").size()) == Lines{alert("Athens", "firing"), alert("Oslo", "resolved")});
  feed(alert("Oslo", "firing"));
  CHECK(kept(alert("Athens", "firing").size()) == Lines{alert("Athens", "firing"), alert("Oslo", "firing")});
  CHECK(kept(10).empty());
  REQUIRE(board.alert_counts().size() == 1);
  CHECK(board.alert_counts()[0].level == "warning");
  CHECK(board.alert_counts()[0].parameter == "hot");
  CHECK(board.alert_counts()[0].count == 7);
}

TEST_CASE("an alert whose rule or level is not a text is rejected") {
  Board board({.by = {"city"}});
  Feeder feed(board);
  CHECK_FALSE(feed(R"({"city":"A","state":"firing","rule":{"toString":1},"level":"x"})"));
  CHECK_FALSE(feed(R"({"city":"A","state":"firing","rule":"hot","level":["x"]})"));
  CHECK(feed(R"({"city":"A","state":"firing","rule":7,"level":true})"));
  CHECK(board.firing() == 1);
  CHECK(board.records() == 1);
}

TEST_CASE("alerts are kept within their part of the memory, and no key takes all of it") {
  constexpr std::size_t limit = 1 << 20;
  Board board({.by = {"city"}, .max_bytes = limit});
  Feeder feed(board);
  const auto alert = [](std::string_view city, int rule, std::size_t size) {
    return fmt::format(R"({{"city":"{}","state":"firing","rule":"r{}","pad":"{}"}})", city, rule,
                       std::string(size, 'x'));
  };
  for (int i = 0; i < 300; ++i) CHECK(feed(alert("A", i, 10)));
  CHECK(board.firing() == 100);
  CHECK(feed(alert("B", 1, 10)));
  CHECK(board.firing() == 101);
  for (int i = 0; i < 300; ++i) CHECK(feed(reading(fmt::format("city {}", i), 1)));
  for (int i = 0; i < 1000; ++i) {
    CHECK(feed(alert(fmt::format("C{}", i), 1, 15'000)));
    CHECK(board.bytes() <= limit);
  }
  CHECK(feed(alert("D", 1, 60'000)));  // shown and not kept
  CHECK(board.keys() == 300);          // readings keep their room
}

TEST_CASE("a clock that is years ahead harms only its own records") {
  Board board({.by = {"city"}, .time = {.max_future = std::chrono::hours(24)}});
  Feeder feed(board);
  const auto at = [](std::string_view city, std::string_view time) {
    return fmt::format(R"({{"timestamp":"{}","city":"{}","v":1}})", time, city);
  };
  CHECK_FALSE(feed(at("A", "2026-01-01T00:00:00Z")));  // until a second one agrees
  CHECK(board.set_aside());
  CHECK_FALSE(feed(at("B", "2026-01-01T00:00:01Z")));
  REQUIRE(board.guard().ruling());
  CHECK(feed(at("A", "2026-01-01T00:00:00Z")));
  CHECK(feed(at("B", "2026-01-01T00:00:01Z")));
  board.guard().settle({});
  CHECK(feed(at("A", "2026-01-01T00:00:02Z")));
  CHECK_FALSE(feed(at("C", "2036-01-01T00:00:00Z")));
  CHECK(board.set_aside());
  // What is predicted lies ahead.
  CHECK(feed(R"({"timestamp":"2026-03-01T00:00:00Z","city":"A","field":"v","prediction":2})"));
  // A record without a time is shown at the moment at which it comes.
  CHECK(feed(R"({"city":"A","v":2})"));
  CHECK(feed(R"({"timestamp":1e300,"city":"A","v":2})"));
}

TEST_CASE("without the field of --time the guard goes by a likely one") {
  Board board({.by = {"city"}, .time = {.max_future = std::chrono::hours(24)}});
  Feeder feed(board);
  CHECK_FALSE(feed(R"({"ts":"2026-01-01T00:00:00Z","city":"A"})"));
  CHECK(board.set_aside());
  CHECK(feed(R"({"at":"2026-01-01T00:00:00Z","city":"A"})"));
  FieldSet fields;
  CHECK(board.add_times(fields).size() == 6);
}

TEST_CASE("local times that clocks skip, or show twice without --fold, are rejected") {
  const auto takes = [](Fold fold, std::string_view time) {
    Board board({.by = {"city"}, .time = {.zone = "Europe/Berlin", .fold = fold}});
    return Feeder(board)(fmt::format(R"({{"timestamp":"{}","city":"A","v":1}})", time));
  };
  CHECK_FALSE(takes(Fold::reject, "2026-10-25 02:30:00"));
  CHECK(takes(Fold::first, "2026-10-25 02:30:00"));
  CHECK_FALSE(takes(Fold::first, "2026-03-29 02:30:00"));
  CHECK(takes(Fold::reject, "2026-10-25 01:59:59"));
}

TEST_CASE("without --by the key is found from the first record") {
  const auto by_of = [](const std::string& line) {
    Board board({});
    Feeder feed(board);
    CHECK(feed(line));
    return board.by();
  };
  using Names = std::vector<std::string>;
  CHECK(by_of(R"({"timestamp":"2026-01-01T00:00:00Z","city":"Athens","temperature_c":1})") == Names{"city"});
  CHECK(by_of(R"({"timestamp":"2026-01-01T00:00:00Z","name":"x","sensor":"s1","value":1})") == Names{"sensor"});
  CHECK(by_of(R"({"timestamp":"2026-01-01T00:00:00Z","weather":"rain","river":"Elbe","level":1})") == Names{"river"});
  CHECK(by_of(R"({"timestamp":"2026-01-01T00:00:00Z","value":1})").empty());
}

TEST_CASE("memory: keys, bytes, and lines too long to keep") {
  SECTION("the key that was quiet longest is forgotten for a new one") {
    Board board({.by = {"city"}, .max_keys = 3});
    Feeder feed(board);
    for (const char* city : {"a", "b", "c", "a", "d"}) feed(reading(city, 1));
    CHECK(board.keys() == 3);
    CHECK(board.find("b") == nullptr);
    CHECK(board.find("a") != nullptr);
    CHECK(board.forgotten_keys() == 1);
  }
  SECTION("the bytes stay within their bound, whatever comes") {
    constexpr std::size_t limit = 1 << 20;
    Board board({.by = {"city"}, .points = 1000, .max_keys = 100'000, .max_bytes = limit});
    Feeder feed(board);
    for (int i = 0; i < 50'000; ++i) {
      feed(reading(fmt::format("city {}", i % 5000), i % 60));
      if (i % 1000 == 0) CHECK(board.bytes() <= limit + 4096);
    }
    CHECK(board.bytes() <= limit + 4096);
    std::uint64_t held = 0;
    board.each_key([&](const Board::Key& key) { held += key.readings.size(); });
    CHECK(board.plants()[0].held == held);
  }
  SECTION("a huge line is shown and not kept") {
    Board board({.by = {"city"}});
    Feeder feed(board);
    CHECK(feed(R"({"city":"a","x":")" + std::string(100'000, 'x') + "\"}"));
    CHECK(board.find("a")->readings.empty());
    CHECK(board.records() == 1);
  }
}

TEST_CASE("plants are counted apart, too many of them together") {
  Board board({.by = {"sensor"}});
  Feeder feed(board);
  for (int i = 0; i < 300; ++i) feed(fmt::format(R"({{"sensor":"s","plant_id":"p{}","value":1}})", i));
  CHECK(board.plants().size() <= 100);
  std::uint64_t received = 0;
  for (const Board::Plant& each : board.plants()) received += each.received;
  CHECK(received == 300);
  CHECK(board.plants().back().name == "other");
}

TEST_CASE("a plant is named by plant_id or plantId") {
  Board board({.by = {"sensorId"}});
  Feeder feed(board);
  CHECK(feed(R"({"sensorId":"a","plantId":"north","value":1})"));
  CHECK(feed(R"({"sensorId":"a","plant_id":"north","plantId":"other","value":2})"));
  CHECK(feed(R"({"sensorId":"b","value":3})"));
  REQUIRE(board.plants().size() == 2);
  CHECK(board.plants()[0].received == 1);
  CHECK(board.plants()[1].name == "north");
  CHECK(board.plants()[1].received == 2);
}
