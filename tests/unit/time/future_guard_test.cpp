#include "time/future_guard.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace weir;
using namespace std::chrono_literals;

namespace {

const Time start = Time(Duration(1'700'000'000s));

/// The times that a guard believes, in their order, and those that it rejects. Keeps records as LineLoop does.
struct Stream {
  explicit Stream(Duration limit = 12h) : guard(limit) {}

  void give(Time time) {
    if (guard.admit(time))
      believed.push_back(time);
    else if (const auto held = guard.take_set_aside())
      waiting.push_back(*held);
    settle();
  }
  void give(const std::vector<Duration>& times) {
    for (const Duration each : times) give(start + each);
  }
  void end() {
    guard.on_end();
    settle();
  }
  void settle() {
    while (const auto ruling = guard.ruling()) {
      std::vector<Time> kept;
      for (const Time time : std::exchange(waiting, {})) {
        if (time <= ruling->believed) {
          CHECK(guard.admit(time));
          believed.push_back(time);
        } else if (ruling->keep_rest) {
          kept.push_back(time);
        } else {
          rejected.push_back(time);
        }
      }
      waiting = kept;
      guard.settle(kept);
    }
  }

  FutureGuard guard;
  std::vector<Time> believed, waiting, rejected;
};

std::vector<Time> after_start(const std::vector<Duration>& times) {
  std::vector<Time> result;
  for (const Duration each : times) result.push_back(start + each);
  return result;
}

constexpr Duration years10 = 87'600h;

}  // namespace

TEST_CASE("one wrong clock costs its own record, wherever it stands") {
  const std::vector<Duration> right{0min, 1min, 2min, 3min, 4min, 5min};
  for (std::size_t place = 0; place <= right.size(); ++place)
    for (const Duration jump : {Duration(24h), years10}) {
      auto times = right;
      times.insert(times.begin() + static_cast<std::ptrdiff_t>(place), jump + 1min);
      Stream stream;
      stream.give(times);
      stream.end();
      INFO("place " << place << ", jump " << jump / 1h);
      // The last record of all is believed where it is near enough, for nothing contradicts it.
      const bool believed = place == right.size() && jump == Duration(24h);
      CHECK(stream.rejected.size() == (believed ? 0 : 1));
      CHECK(stream.believed == after_start(believed ? times : right));
    }
}

TEST_CASE("a wrong clock between all right records costs all its records") {
  Stream stream;
  for (int i = 0; i < 100; ++i) stream.give({i * 1min, i * 1min + years10});
  stream.end();
  CHECK(stream.believed.size() == 100);
  CHECK(stream.rejected.size() == 100);
}

TEST_CASE("after a pause nothing is lost, and the order stays") {
  for (const Duration pause : {Duration(13h), Duration(240h), years10}) {
    const std::vector<Duration> times{0min, 1min, pause, pause + 1min, pause + 2min, pause + 3min};
    Stream stream;
    stream.give(times);
    stream.end();
    CHECK(stream.rejected.empty());
    CHECK(stream.believed == after_start(times));
  }
}

TEST_CASE("records of one time do not make a pause") {
  Stream stream;
  stream.give({0min, 1min, years10, years10, years10, years10, 2min});
  CHECK(stream.believed == after_start({0min, 1min, 2min}));
  CHECK(stream.rejected.size() == 4);
}

TEST_CASE("a pause makes pauses of up to twice its length usual") {
  Stream stream;
  stream.give({0h, 1h, 101h, 102h, 103h});
  CHECK(stream.guard.limit() == Duration(200h));
  stream.give(start + 303h);
  CHECK(stream.believed.size() == 6);
  stream.give(start + 504h);
  CHECK(stream.waiting.size() == 1);
}

TEST_CASE("rare records are held at the beginning and lost at no end") {
  std::vector<Duration> months;
  for (int i = 0; i < 24; ++i) months.push_back(i * 730h);
  Stream stream;
  stream.give(months);
  stream.end();
  CHECK(stream.believed == after_start(months));
}

TEST_CASE("what is set aside is bounded") {
  Stream stream;
  stream.give({0min, 1min});
  for (std::size_t i = 0; i < FutureGuard::most_set_aside - 1; ++i) stream.give(start + years10);
  CHECK(stream.waiting.size() == FutureGuard::most_set_aside - 1);
  stream.give(start + years10);
  CHECK(stream.waiting.empty());
  CHECK(stream.rejected.empty());
}

TEST_CASE("a watermark moves the stream on") {
  Stream stream;
  stream.give({0min, 1min, 30h, years10});
  CHECK(stream.waiting.size() == 2);
  stream.guard.on_watermark(start + 29h);
  stream.settle();
  CHECK(stream.believed == after_start({0min, 1min, 30h}));
  CHECK(stream.waiting == after_start({years10}));
  stream.give(start + 31h);
  CHECK(stream.rejected == after_start({years10}));
}

TEST_CASE("a pause of the input believes what is live") {
  Stream stream;
  stream.give(start + 0min);
  stream.guard.on_pause(start + 2h);  // a replayed stream must not depend on pauses
  stream.settle();
  CHECK(stream.believed.empty());
  stream.guard.on_pause(start);
  stream.settle();
  CHECK(stream.believed == after_start({0min}));
  stream.give({100h, years10});
  stream.guard.on_pause(start + 100h);
  stream.settle();
  CHECK(stream.believed == after_start({0min, 100h}));
  CHECK(stream.waiting == after_start({years10}));
}

TEST_CASE("a guard without a limit believes everything") {
  FutureGuard guard;
  CHECK(guard.admit(start));
  CHECK(guard.admit(start + years10));
  CHECK(guard.admit(start));
  CHECK_FALSE(guard.waits());
}

TEST_CASE("every record is believed or rejected, once") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    Stream stream(Duration(1h));
    std::vector<Time> given;
    for (int i = 0; i < 50; ++i) {
      const auto far = std::uniform_int_distribution(0, 4)(random) == 0 ? 400h : 2h;
      given.push_back(start + std::uniform_int_distribution<std::int64_t>(0, far / 1s)(random) * 1s);
      stream.give(given.back());
      if (std::uniform_int_distribution(0, 30)(random) == 0) {
        stream.guard.on_watermark(given.back());
        stream.settle();
      }
    }
    stream.end();
    std::vector<Time> all = stream.believed;
    all.insert(all.end(), stream.rejected.begin(), stream.rejected.end());
    std::sort(all.begin(), all.end());
    std::sort(given.begin(), given.end());
    CHECK(all == given);
    CHECK(stream.waiting.empty());
  }
}
