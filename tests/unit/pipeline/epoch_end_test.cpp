#include "pipeline/epoch_end.hpp"

#include "catch.hpp"

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("an epoch ends after its time, after a quarter of it when that is asked for, once") {
  const EpochEnd::clock::time_point now{};
  EpochEnd end(1s);
  end.begin(now + 5s);
  CHECK(end.time() == now + 6s);
  end.end_early();
  CHECK(end.is_early());
  CHECK(end.time() == now + 5250ms);
  end.put_off(now + 5300ms);
  CHECK(end.time() == now + 6300ms);
  end.begin(now + 7s);
  CHECK_FALSE(end.is_early());
  CHECK(end.time() == now + 8s);
}

TEST_CASE("snapshots take a tenth of an epoch at most, of an early one too; of two the shorter counts") {
  const EpochEnd::clock::time_point now{};
  EpochEnd end(1s);
  end.begin(now);
  end.note_stand(300ms);
  CHECK(end.time() == now + 3s);
  end.end_early();
  CHECK(end.time() == now + 3s);
  end.note_stand(40ms);
  CHECK(end.time() == now + 400ms);
  end.note_stand(300ms);
  CHECK(end.time() == now + 400ms);
  end.note_stand(200ms);
  CHECK(end.time() == now + 2s);
}

TEST_CASE("an answer is looked for soon after lines were written, then ever less often, and then no more") {
  const AnswerLooks::clock::time_point now{};
  AnswerLooks looks;
  looks.note_written(now + 10s);
  int count = 0;
  for (AnswerLooks::clock::time_point at = now + 10s; looks.is_due(at); ++count) {
    CHECK_FALSE(looks.is_due(at + 9ms));
    if (!looks.next()) break;
    CHECK(*looks.next() >= at + 10ms);
    at = *looks.next();
  }
  CHECK(count == 6);  // at 0, 10, 20, 40, 80 and 160 ms; the one at 320 ms is the last
  looks.note_written(now + 20s);
  CHECK(looks.is_due(now + 20s));
  CHECK(looks.next() == now + 20s + 10ms);
}
