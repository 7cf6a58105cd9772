#include "sensor_sim.hpp"

#include <chrono>

#include "catch.hpp"

using namespace std::chrono_literals;
using weir::Output;
using weir::sensor_sim::PlaySettings;
using weir::sensor_sim::SensorSim;
using Step = weir::AnySource::Step;
using weir::Time;

namespace {

/// Two sensors whose records have the step in seconds.
class Script : public weir::sensor_sim::Scene {
 public:
  std::size_t size() const override { return 2; }
  void begin_step(Time time) override { step_ = std::to_string(time.time_since_epoch() / 1s); }
  void append(std::size_t sensor, std::string& out) override { out += step_ + (sensor == 0 ? "a\n" : "b\n"); }
  void state(weir::StateArchive&, Time time) override { begin_step(time); }

 private:
  std::string step_;
};

struct Player {
  explicit Player(const PlaySettings& settings, Time start = {})
      : now(start), source(std::make_unique<Script>(), settings, [this] { return now; }) {
    source.begin();
  }

  /// The lines of next(), or `idle` or `end`.
  std::string next() {
    Output out;
    const Step step = source.next(out);
    if (step == Step::more) return out.lines;
    CHECK(out.lines.empty());
    return step == Step::idle ? "idle" : "end";
  }
  Time now;
  SensorSim source;
};

PlaySettings settings(std::optional<std::uint64_t> count) {
  PlaySettings result;
  result.start = Time{100s};
  result.step = 10s;
  result.count = count;
  return result;
}

}  // namespace

TEST_CASE("count is records in all") {
  Player player(settings(5));
  CHECK(player.next() == "100a\n100b\n110a\n110b\n120a\n");
  CHECK(player.next() == "end");
}

TEST_CASE("a count of nothing ends at once") { CHECK(Player(settings(0)).next() == "end"); }

TEST_CASE("without a count it continues block by block") {
  Player player(settings({}));
  for (int i = 0; i < 20; ++i) {
    const std::size_t size = player.next().size();
    CHECK(size >= 64 * 1024);
    CHECK(size < 66 * 1024);
  }
}

TEST_CASE("a rate spreads the records evenly, the first at once") {
  PlaySettings slow = settings(4);
  slow.rate = 2;
  Player player(slow);
  CHECK(player.next() == "100a\n");
  CHECK(player.next() == "idle");
  CHECK(player.source.until_due() == 500ms);
  player.now += 499ms;
  CHECK(player.next() == "idle");
  player.now += 1ms;
  CHECK(player.next() == "100b\n");
  player.now += 5s;  // late: due records come at once, and no others
  CHECK(player.next() == "110a\n110b\n");
  CHECK(player.next() == "end");
}

TEST_CASE("in real time each step waits for its time") {
  PlaySettings real = settings(5);
  real.real_time = true;
  Player player(real, Time{100s});
  CHECK(player.next() == "100a\n100b\n");
  CHECK(player.next() == "idle");
  CHECK(player.source.until_due() == 10s);
  player.now += 9999ms;
  CHECK(player.next() == "idle");
  player.now += 1ms;
  CHECK(player.next() == "110a\n110b\n");
  player.now += 30s;
  CHECK(player.next() == "120a\n");
  CHECK(player.next() == "end");
}

TEST_CASE("a speed lets event time run faster than the clock") {
  PlaySettings fast = settings(5);
  fast.speed = 20;
  Player player(fast, Time{7s});
  CHECK(player.next() == "100a\n100b\n");
  CHECK(player.next() == "idle");
  CHECK(player.source.until_due() == 500ms);
  player.now += 499ms;
  CHECK(player.next() == "idle");
  player.now += 1ms;
  CHECK(player.next() == "110a\n110b\n");
  player.now += 1s;
  CHECK(player.next() == "120a\n");
  CHECK(player.next() == "end");
}

TEST_CASE("a heartbeat promises no more than the step that is played") {
  Player player(settings(2));
  CHECK(player.source.promise(Time{1'000'000s}) == Time{100s});
  player.next();
  CHECK(player.source.promise(Time{1'000'000s}) == Time{110s});
  PlaySettings real = settings(2);
  real.real_time = true;
  Player live(real, Time{100s});
  live.next();
  CHECK(live.source.promise(Time{104s}) == Time{104s});
  CHECK(live.source.promise(Time{115s}) == Time{110s});
}

TEST_CASE("it ends where timestamps do") {
  PlaySettings far = settings({});
  far.start = Time{std::chrono::sys_days{std::chrono::year{2261} / 12 / 31}};
  far.step = std::chrono::hours(24 * 365);
  Player player(far);
  CHECK(player.next() == std::to_string(far.start.time_since_epoch() / 1s) + "a\n" +
                             std::to_string(far.start.time_since_epoch() / 1s) + "b\n");
  CHECK(player.next() == "end");
}
