#include "seen_rows.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "catch.hpp"
#include "row_writer.hpp"

using namespace weir;
using namespace weir::influx_query;
using std::chrono::seconds;

namespace {

Time at(int second) { return Time(seconds(1'000'000 + second)); }
SeenRows::clock::time_point tick(int second) { return SeenRows::clock::time_point(seconds(second)); }

/// Rows of answers, and which of them are written.
struct Asked {
  explicit Asked(std::uint64_t most = 100, Duration settle = Duration::zero())
      : seen({seconds(10), settle, most}, [this](std::uint64_t id, std::string_view line) {
          written.emplace_back(line);
          last_id = id;
        }) {}
  /// Takes a row, and returns whether one was written.
  bool take(int time, std::string_view line, int seen_at = 0) {
    const std::size_t before = written.size();
    seen.take(at(time), line, tick(seen_at));
    return written.size() > before;
  }
  void begin(int since, int now = 100, int asked = 0) { seen.begin_answer(at(since), at(now), tick(asked)); }

  std::vector<std::string> written;
  std::uint64_t last_id = 0;
  SeenRows seen;
};

}  // namespace

TEST_CASE("each row once, however often an answer has it") {
  Asked asked;
  asked.begin(0);
  CHECK_FALSE(asked.seen.from());
  CHECK(asked.take(1, "a"));
  CHECK(asked.take(1, "b"));
  CHECK(asked.take(1, "a"));  // two rows that are equal
  CHECK(asked.take(5, "c"));
  CHECK(asked.seen.from() == at(-5));
  asked.seen.end_answer();
  asked.begin(0);
  CHECK_FALSE(asked.take(1, "a"));
  CHECK_FALSE(asked.take(1, "a"));
  CHECK(asked.take(1, "a"));  // a third one has come
  CHECK_FALSE(asked.take(1, "b"));
  CHECK(asked.take(2, "late"));
  CHECK_FALSE(asked.take(5, "c"));
  CHECK(asked.take(5, "c2"));
}

TEST_CASE("a row that is being written is not written by halves") {
  Asked asked(100, seconds(2));
  asked.begin(0, 100, 1);
  CHECK_FALSE(asked.take(1, "half", 1));
  asked.seen.end_answer();
  CHECK(asked.seen.waits());
  asked.begin(0, 100, 4);
  CHECK_FALSE(asked.take(1, "whole", 4));
  asked.seen.end_answer();
  asked.begin(0, 100, 5);  // too soon
  CHECK_FALSE(asked.take(1, "whole", 5));
  asked.seen.end_answer();
  asked.begin(0, 100, 6);
  CHECK(asked.take(1, "whole", 6));
  asked.seen.end_answer();
  CHECK_FALSE(asked.seen.waits());
  CHECK(asked.written == std::vector<std::string>{"whole"});
}

TEST_CASE("rows of a batch are written in their order, whichever is there first") {
  Asked asked(100, seconds(2));
  asked.begin(0, 100, 1);
  asked.take(1, "a1", 1);
  asked.take(60, "a2", 1);
  asked.seen.end_answer();
  CHECK_FALSE(asked.seen.from());
  asked.begin(0, 100, 3);
  CHECK(asked.take(1, "a1", 3));
  CHECK_FALSE(asked.take(2, "b1", 3));  // it would be too late after a2
  CHECK_FALSE(asked.take(60, "a2", 3));
  asked.seen.end_answer();
  asked.begin(0, 100, 5);
  CHECK_FALSE(asked.take(1, "a1", 5));
  CHECK(asked.take(2, "b1", 5));
  CHECK(asked.take(60, "a2", 5));
  CHECK(asked.written == std::vector<std::string>{"a1", "b1", "a2"});
}

TEST_CASE("late rows do not hold up the others for ever") {
  Asked asked(100, seconds(2));
  for (int second = 0; second < 9; ++second) {
    asked.begin(0, 100, second);
    asked.take(second % 5, "late " + std::to_string(second), second);
    CHECK(asked.take(9, "row", second) == (second == 8));
    asked.seen.end_answer();
  }
}

TEST_CASE("rows must come in order, within the lateness") {
  Asked asked;
  asked.begin(0);
  CHECK(asked.take(50, "a"));
  CHECK(asked.take(40, "b"));
  CHECK_THROWS_AS(asked.take(39, "c"), AnswerError);
  asked.begin(45);
  CHECK_THROWS_AS(asked.take(44, "d"), AnswerError);
}

TEST_CASE("a row in the future does not move the span") {
  Asked asked;
  asked.begin(0, 20);
  CHECK(asked.take(90, "wrong clock"));
  CHECK(asked.seen.from() == at(10));
  asked.begin(10, 21);
  CHECK(asked.take(15, "a"));
  CHECK_FALSE(asked.take(90, "wrong clock"));
}

TEST_CASE("memory is bounded") {
  for (const Duration settle : {Duration(0), Duration(seconds(1))}) {
    Asked asked(6, settle);
    asked.begin(0);
    for (int second = 0; second < 90; second += 5) asked.take(second, "x");
    const auto take_more = [&] {
      for (int number = 0; number < 7; ++number) asked.take(85, std::to_string(number));
    };
    CHECK_THROWS_AS(take_more(), AnswerError);
  }
}

TEST_CASE("what was seen is saved, and lines stored after that are added") {
  Asked asked;
  asked.begin(0);
  asked.take(1, "a");
  std::string bytes;
  SnapshotWriter writer(bytes);
  StateArchive to(writer);
  asked.seen.state(to);
  asked.take(2, "b");

  Asked restored;
  SnapshotReader reader(bytes);
  StateArchive from(reader);
  restored.seen.state(from);
  restored.seen.add(at(2), asked.last_id);
  restored.begin(-8);
  CHECK_FALSE(restored.take(1, "a"));
  CHECK_FALSE(restored.take(2, "b"));
  CHECK(restored.take(2, "c"));
}
