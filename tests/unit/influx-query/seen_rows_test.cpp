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

}  // namespace

TEST_CASE("each row once, however often an answer has it") {
  SeenRows seen(seconds(10), 100);
  seen.begin_answer(at(0), at(100));
  CHECK_FALSE(seen.from());
  CHECK(seen.take(at(1), "a"));
  CHECK(seen.take(at(1), "b"));
  CHECK(seen.take(at(1), "a"));  // two rows that are equal
  CHECK(seen.take(at(5), "c"));
  CHECK(seen.from() == at(-5));
  seen.begin_answer(at(0), at(100));
  CHECK_FALSE(seen.take(at(1), "a"));
  CHECK_FALSE(seen.take(at(1), "a"));
  CHECK(seen.take(at(1), "a"));  // a third one has come
  CHECK_FALSE(seen.take(at(1), "b"));
  CHECK(seen.take(at(2), "late"));
  CHECK_FALSE(seen.take(at(5), "c"));
  CHECK(seen.take(at(5), "c2"));
}

TEST_CASE("rows must come in order, within the lateness") {
  SeenRows seen(seconds(10), 100);
  seen.begin_answer(at(0), at(100));
  CHECK(seen.take(at(50), "a"));
  CHECK(seen.take(at(40), "b"));
  CHECK_THROWS_AS(seen.take(at(39), "c"), AnswerError);
  seen.begin_answer(at(45), at(100));
  CHECK_THROWS_AS(seen.take(at(44), "d"), AnswerError);
}

TEST_CASE("a row in the future does not move the span") {
  SeenRows seen(seconds(10), 100);
  seen.begin_answer(at(0), at(20));
  CHECK(seen.take(at(90), "wrong clock"));
  CHECK(seen.from() == at(10));
  seen.begin_answer(at(10), at(21));
  CHECK(seen.take(at(15), "a"));
  CHECK_FALSE(seen.take(at(90), "wrong clock"));
}

TEST_CASE("memory is bounded") {
  SeenRows seen(seconds(10), 3);
  seen.begin_answer(at(0), at(100));
  for (int second = 0; second < 90; second += 5) CHECK(seen.take(at(second), "x"));
  CHECK_THROWS_AS(seen.take(at(85), "y"), AnswerError);
}

TEST_CASE("what was seen is saved, and lines stored after that are added") {
  SeenRows seen(seconds(10), 100);
  seen.begin_answer(at(0), at(100));
  seen.take(at(1), "a");
  std::string bytes;
  SnapshotWriter writer(bytes);
  StateArchive to(writer);
  seen.state(to);
  const auto later = seen.take(at(2), "b");

  SeenRows restored(seconds(10), 100);
  SnapshotReader reader(bytes);
  StateArchive from(reader);
  restored.state(from);
  restored.add(at(2), later.value());
  restored.begin_answer(at(-8), at(100));
  CHECK_FALSE(restored.take(at(1), "a"));
  CHECK_FALSE(restored.take(at(2), "b"));
  CHECK(restored.take(at(2), "c"));
}
