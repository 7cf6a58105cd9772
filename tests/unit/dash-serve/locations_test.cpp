#include "locations.hpp"

#include "base_map.hpp"
#include "board.hpp"
#include "catch.hpp"

using namespace weir;
using namespace weir::dash_serve;

namespace {

/// A board with a map, and what it tells of lines.
class Mapped {
 public:
  explicit Mapped(Board::Settings settings) : board(std::move(settings)), parser_(board.fields()) {}
  bool operator()(const std::string& line) {
    const Record* record = parser_.parse_copy(line, ++number_);
    return record != nullptr && !board.take(*record).rejected();
  }
  const Location* at(std::string_view key) const {
    const Board::Key* found = board.find(key);
    return found == nullptr ? nullptr : found->location.get();
  }
  std::vector<std::string> messages() {
    std::vector<std::string> texts;
    for (const RecordMessage& each : board.messages()) texts.push_back(each.text);
    board.messages().clear();
    return texts;
  }
  Board board;

 private:
  RecordParser parser_;
  std::uint64_t number_ = 0;
};

Board::Settings settings() {
  return {.by = {"m"}, .map = {.coordinates = {"lat", "lon"}, .value = "kw", .level = "", .label = "name"}};
}

}  // namespace

TEST_CASE("a key stays where it was last, and later records bring its value up to date") {
  Mapped feed(settings());
  CHECK(feed(R"({"m":"a","lat":48.1,"lon":-11.5,"name":"north","timestamp":"2026-01-01T00:00:00Z"})"));
  CHECK(feed(R"({"m":"a","kw":2.5})"));
  REQUIRE(feed.at("a") != nullptr);
  CHECK(feed.at("a")->latitude == 48.1);
  CHECK(feed.at("a")->longitude == -11.5);
  CHECK(feed.at("a")->value == 2.5);
  CHECK(feed.at("a")->label == "north");
  CHECK(feed.at("a")->time.has_value());
  CHECK(feed(R"({"m":"a","lat":-90,"lon":180,"kw":null})"));
  CHECK(feed.at("a")->latitude == -90);
  CHECK(feed.at("a")->value == 2.5);
  CHECK(feed(R"({"m":"a","kw":"off"})"));
  CHECK(std::isnan(feed.at("a")->value));
  CHECK(feed.board.located() == 1);
  CHECK(feed.messages().empty());
}

TEST_CASE("what is not a place is counted by its reason and named once") {
  Mapped feed(settings());
  for (const char* wrong :
       {R"({"m":"a","lat":90.5,"lon":1})", R"({"m":"a","lat":1,"lon":-180.01})", R"({"m":"a","lat":"48","lon":1})",
        R"({"m":"a","lat":48})", R"({"m":"a","lon":4,"lat":null})", R"({"m":"a","lat":1e999,"lon":1})",
        R"({"m":"a","lat":[1],"lon":{}})"})
    CHECK(feed(wrong));
  CHECK(feed(R"({"m":"b","kw":1})"));
  CHECK(feed(R"({"m":"b","kw":1})"));
  CHECK(feed.at("a") == nullptr);
  CHECK(feed.board.locations()->wrong_count() == 7);
  CHECK(feed.board.locations()->missing_count() == 2);
  CHECK(feed.messages() == std::vector<std::string>{"lat 90.5 is beyond ±90 degrees: it is not on the map",
                                                    "lat and lon are missing: it is not on the map"});
  // Predictions and alerts of keys that are nowhere are no news.
  CHECK(feed(R"({"m":"c","field":"kw","prediction":1})"));
  CHECK(feed(R"({"m":"c","state":"firing","rule":"x"})"));
  CHECK(feed.board.locations()->missing_count() == 2);
}

TEST_CASE("strict: wrong coordinates reject their record") {
  Board::Settings strict = settings();
  strict.map.strict = true;
  Mapped feed(strict);
  CHECK_FALSE(feed(R"({"m":"a","lat":91,"lon":1})"));
  CHECK_FALSE(feed(R"({"m":"a","lat":1,"lon":"x"})"));
  CHECK(feed(R"({"m":"a","kw":1})"));
  CHECK(feed.board.records() == 1);
}

TEST_CASE("an alert or a row that tells where it is makes a point") {
  Board::Settings with_table = settings();
  with_table.tables.tables = {parse_table("Thefts=m,since")};
  Mapped feed(with_table);
  CHECK(feed(R"({"m":"a","state":"firing","rule":"theft","lat":1,"lon":2,"kw":7})"));
  REQUIRE(feed.at("a") != nullptr);
  CHECK(std::isnan(feed.at("a")->value));  // an alert's value is not the key's
  CHECK(feed(R"({"m":"b","since":1,"lat":3,"lon":4,"kw":7})"));
  REQUIRE(feed.at("b") != nullptr);
  CHECK(feed.at("b")->value == 7);
  CHECK(feed.board.find("b")->readings.empty());
  CHECK(feed(R"({"m":"c","since":1})"));
  CHECK(feed.board.find("c") == nullptr);
  CHECK(feed.board.locations()->missing_count() == 0);
}

TEST_CASE("locations go with their keys, within the memory") {
  Board::Settings few = settings();
  few.max_keys = 3;
  Mapped feed(few);
  for (int i = 0; i < 10; ++i) CHECK(feed(R"({"m":")" + std::to_string(i) + R"(","lat":1,"lon":2})"));
  CHECK(feed.board.located() == 3);
  CHECK(feed.at("6") == nullptr);
  CHECK(feed.at("9") != nullptr);
  Board::Settings small = settings();
  small.max_bytes = 1 << 20;
  small.max_keys = 1'000'000;
  Mapped full(small);
  const std::string label(10'000, 'x');
  for (int i = 0; i < 20'000; ++i)
    CHECK(full(R"({"m":")" + std::to_string(i) + R"(","lat":1,"lon":2,"name":")" + label + R"("})"));
  CHECK(full.board.bytes() <= (1 << 20) + 4096);
  CHECK(full.board.keys() == full.board.located());
}

TEST_CASE("a long text is cut between characters") {
  Mapped feed(settings());
  std::string text = "x";
  for (int i = 0; i < 200; ++i) text += "é";
  CHECK(feed(R"({"m":"a","lat":1,"lon":2,"name":")" + text + R"("})"));
  CHECK(feed.at("a")->label.size() == 199);
}

TEST_CASE("an outline is GeoJSON, on one line") {
  CHECK(base_map("{ \"type\": \"Polygon\",\n \"coordinates\": [[[1, 2], [3,4], [1, 2]]] }\n") ==
        "{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[3,4],[1,2]]]}\n");
  for (const char* bad : {"", "[]", "{}", R"({"type":"Topology"})", R"({"type":"Polygon","coordinates":[[nan]]})",
                          "{\"type\":\"Point\"} x"})
    CHECK_THROWS_AS(base_map(bad), std::invalid_argument);
}
