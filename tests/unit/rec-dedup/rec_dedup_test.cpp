#include "rec_dedup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::rec_dedup;
using namespace std::chrono_literals;

namespace {

class Stream {
 public:
  explicit Stream(Settings settings) : stage_(by_id(std::move(settings))), parser_(stage_.fields()) {}

  /// Gives it a record; true when it was passed on.
  bool passes(std::string_view key, int second) {
    const std::string line = fmt::format(R"({{"id":"{}","timestamp":{}}})", key, second);
    const Record* record = parser_.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    out_.lines.clear();
    REQUIRE_FALSE(stage_.on_record(*record, out_).rejected());
    if (out_.lines.empty()) return false;
    CHECK(out_.lines == line + "\n");
    return true;
  }
  RecDedup& stage() { return stage_; }
  Output& out() { return out_; }

 private:
  static Settings by_id(Settings settings) {
    settings.by = {"id"};
    return settings;
  }
  RecDedup stage_;
  RecordParser parser_;
  Output out_;
};

Settings within(Duration length) {
  Settings settings;
  settings.time.epochs = weir::Epochs::any;
  settings.within = length;
  return settings;
}

}  // namespace

TEST_CASE("a repeat is dropped up to and including the time given, counted from the record that was passed on") {
  Stream stream(within(10s));
  CHECK(stream.passes("a", 100));
  CHECK_FALSE(stream.passes("a", 100));
  CHECK(stream.passes("b", 105));
  CHECK_FALSE(stream.passes("a", 110));  // the span does not start again
  CHECK(stream.passes("a", 111));
  CHECK_FALSE(stream.passes("a", 121));
  CHECK(stream.stage().counts().text() == "3 records dropped that came again");
}

TEST_CASE("a late record does not repeat one of today, and its own repeat is dropped") {
  Stream stream(within(10s));
  CHECK(stream.passes("a", 1000));
  CHECK(stream.passes("a", 500));
  CHECK_FALSE(stream.passes("a", 500));
  CHECK_FALSE(stream.passes("a", 1000));  // the late record has not removed today's
  CHECK(stream.passes("a", 300));
  CHECK(stream.stage().held() == 3);
  CHECK_FALSE(stream.passes("a", 505));
  CHECK_FALSE(stream.passes("a", 1010));
  CHECK(stream.passes("a", 1011));
  CHECK(stream.stage().held() == 1);  // all three were remembered until the stream had moved on
}

TEST_CASE("a promise from upstream lets keys be forgotten") {
  Stream stream(within(10s));
  CHECK(stream.passes("a", 100));
  CHECK(stream.stage().held() == 1);
  stream.stage().on_watermark(Time(110s), stream.out());
  CHECK(stream.stage().held() == 1);
  stream.stage().on_watermark(Time(111s), stream.out());
  CHECK(stream.stage().held() == 0);
  CHECK(stream.passes("a", 100));  // repeated too late to be recognized
}

TEST_CASE("at the limit the oldest key is forgotten, and that is reported") {
  Settings settings = within(1000s);
  settings.max_keys = 2;
  Stream stream(settings);
  CHECK(stream.passes("a", 1));
  CHECK(stream.passes("b", 2));
  CHECK(stream.passes("c", 3));
  CHECK_FALSE(stream.passes("b", 4));
  CHECK(stream.passes("a", 5));
  CHECK(stream.stage().held() == 2);
  CHECK(stream.stage().counts().text() ==
        "1 record dropped that came again; 2 keys forgotten before --within had passed (--max-keys 2)");
}

TEST_CASE("a long stream agrees with a plain map, and memory stays small") {
  Stream stream(within(50s));
  struct Seen {
    int time;
    int stream_time;
  };
  std::multimap<std::string, Seen> seen;
  std::uint32_t random = 1;
  int now = 0;
  std::size_t most = 0;
  for (int i = 0; i < 60'000; ++i) {
    random = random * 1664525 + 1013904223;
    const int time = i / 40 + 60 - static_cast<int>((random >> 8) % 60);
    random = random * 1664525 + 1013904223;
    const std::string key = fmt::format("meter {:06}", (random >> 8) % 20'000);
    now = std::max(now, time);
    const auto [first, last] = seen.equal_range(key);
    const bool repeat = std::any_of(first, last, [&](const auto& old) {
      return now - old.second.stream_time <= 50 && std::abs(time - old.second.time) <= 50;
    });
    REQUIRE(stream.passes(key, time) == !repeat);
    if (!repeat) seen.emplace(key, Seen{time, now});
    most = std::max(most, stream.stage().held());
  }
  CHECK(most > 1'500);
  CHECK(most < 2'500);
}
