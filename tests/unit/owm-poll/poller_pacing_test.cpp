#include "poller_world.hpp"

#include <algorithm>

using namespace weir;
using namespace weir::owm_poll;

TEST_CASE("5xx, time-outs and broken connections are tried again after pauses that double, then given up") {
  World world({"Oslo"}, {.retries = 3, .seed = 5});
  CHECK(world.advance() == 1);
  std::vector<Duration> pauses;
  const auto pause = [&] {
    const auto length = world.poller.wake(world.now);
    REQUIRE(length.has_value());
    pauses.push_back(*length);
    CHECK(world.advance(*length - 1ns) == 0);
    CHECK(world.advance(1ns) == 1);
  };
  world.answer(503, "");
  pause();
  world.break_off(http::Failure::timeout, "no whole answer within 15s");
  pause();
  world.break_off(http::Failure::broken, "the connection broke off");
  pause();
  CHECK_FALSE(world.poller.finished());
  world.answer(500, R"({"message":"oops"})");
  CHECK(world.poller.finished());
  CHECK(world.poller.failed());
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(pauses[i] >= 500ms * (1 << i));
    CHECK(pauses[i] <= 1s * (1 << i));
  }
  REQUIRE(world.messages.size() == 3);
  CHECK(world.messages[0].starts_with("Oslo: status 503; trying again in "));
  CHECK(world.messages[2].ends_with("(3 of 3)"));
  REQUIRE(world.errors.size() == 1);
  CHECK(world.errors[0] == "Oslo: status 500: oops; given up after 4 tries");
}

TEST_CASE("a second try that succeeds leaves no failure") {
  World world({"Oslo"});
  world.advance();
  world.answer(502, "");
  CHECK(world.wake() == 1);
  world.answer(200, owm(t0));
  CHECK(world.poller.finished());
  CHECK_FALSE(world.poller.failed());
  CHECK(world.errors.empty());
}

TEST_CASE("Retry-After delays every request, in seconds or until a date") {
  World world({"Athens", "Oslo"}, {.connections = 1});
  CHECK(world.advance() == 1);
  world.answer(429, "", {{"retry-after", "30"}});
  CHECK(world.advance() == 0);
  CHECK(world.advance(30s - 1ns) == 0);
  CHECK(world.advance(1ns) == 1);                                             // one connection
  world.answer(503, "", {{"retry-after", "Thu, 01 Jan 2026 00:01:40 GMT"}});  // it is 00:00:40
  CHECK(world.advance(60s - 1ns) == 0);
  CHECK(world.advance(1ns) == 1);
  world.answer(200, owm(t0));
  CHECK(world.advance() == 1);
  world.answer(200, owm(t0));
  CHECK(world.poller.finished());
  CHECK_FALSE(world.poller.failed());
}

TEST_CASE("429 without Retry-After waits longer than a mere error, and so do the others") {
  World world({"Athens", "Oslo"}, {.connections = 1});
  world.advance();
  world.answer(429, "");
  CHECK(world.advance(8s - 1ns) == 0);
  CHECK(world.wake() == 1);
  CHECK(world.now.steady >= 1008s);
  CHECK(world.now.steady <= 1016s);
}

TEST_CASE("with one round, a provider that asks to wait longer than --max-wait is not waited for") {
  World world({"Athens", "Oslo"}, {.max_wait = 60s, .connections = 1});
  world.advance();
  world.answer(429, "", {{"retry-after", "3600"}});
  CHECK(world.advance() == 0);
  CHECK(world.poller.finished());
  CHECK(world.poller.failed());
  REQUIRE(world.errors.size() == 2);
  CHECK(world.errors[0].ends_with(": openweathermap asks to wait 1h, longer than --max-wait 1m"));
}

TEST_CASE("in a long run a wait is kept to, however long") {
  World world({"Athens"}, {.every = 60s});
  world.advance();
  world.answer(429, "", {{"retry-after", "3600"}});
  std::size_t asked = 0;
  for (int i = 0; i < 59; ++i) asked += world.advance(60s);
  CHECK(asked == 0);
  CHECK(world.advance(60s) == 1);
  CHECK(world.errors.empty());
}

TEST_CASE("rounds come on the full minute, without drift, and a city that is not done is left out") {
  World world({"Athens", "Slow"}, {.every = 60s});
  CHECK(world.advance() == 2);  // at 00:00:10, at once
  world.answer(200, owm(t0));
  CHECK(world.poller.wake(world.now) == Duration(50s));
  CHECK(world.advance(50s - 1ns) == 0);
  CHECK(world.advance(1ns) == 1);  // Slow has an open call
  CHECK(world.calls.back().request.url.find("Athens") != std::string::npos);
  CHECK(world.advance(200s) == 0);  // no city is free
  world.answer(200, owm(t0));
  world.answer(200, owm(t0));
  CHECK(world.poller.wake(world.now) == Duration(40s));  // it is 00:04:20: missed rounds are not repeated
  CHECK(world.wake() == 2);
}

TEST_CASE("a clock set back does not stop the rounds") {
  World world({"Athens"}, {.every = 60s});
  world.advance();
  world.answer(200, owm(t0));
  world.now.wall -= 24h;
  CHECK(world.advance() == 0);
  CHECK(world.poller.wake(world.now) == Duration(50s));
  CHECK(world.wake() == 1);
}

TEST_CASE("the rate limit counts every call, look-ups and second tries too") {
  World world({"A", "B@1,2", "C"}, {.rate_limit = 3, .connections = 100, .lookup = Lookup::always});
  CHECK(world.advance() == 3);
  world.answer(200, R"([{"name":"A","lat":1.50,"lon":2,"country":"X"}])");
  CHECK(world.advance() == 0);
  CHECK(world.messages == std::vector<std::string>{"the rate limit of 3 calls a minute is reached: the next in 1m1s"});
  world.answer(200, "[]");
  world.answer(500, "");
  CHECK(world.advance(60s) == 0);
  CHECK(world.advance(1s) == 2);
  std::vector<std::string> urls;
  for (std::size_t i = 3; i < 5; ++i) urls.push_back(world.calls[i].request.url);
  CHECK(std::ranges::any_of(urls,
                            [](const std::string& url) { return url.find("lat=1.50&lon=2") != std::string::npos; }));
  CHECK(world.errors == std::vector<std::string>{"C: looking up its coordinates: no such place"});
  CHECK(world.cache.find("openweathermap", "A").has_value());
}

TEST_CASE("no more requests side by side than allowed") {
  World world({"A", "B", "C", "D", "E"}, {.connections = 2});
  CHECK(world.advance() == 2);
  CHECK(world.advance() == 0);
  CHECK_FALSE(world.poller.wake(world.now).has_value());  // an answer must come first
  world.answer(200, owm(t0));
  CHECK(world.advance() == 1);
  world.answer(200, owm(t0));
  world.answer(200, owm(t0));
  CHECK(world.advance() == 2);
}

TEST_CASE("a heartbeat promises no more than the readings keep") {
  World world({"Athens", "Oslo"}, {.every = 60s});
  CHECK_FALSE(world.poller.promise(world.now.wall).has_value());
  world.advance();
  world.answer(200, owm(t0 - 600));
  CHECK_FALSE(world.poller.promise(world.now.wall).has_value());  // Oslo may be older
  world.answer(200, owm(t0 - 1200));
  CHECK(world.poller.promise(world.now.wall) == Time(std::chrono::seconds(t0 - 1200)));
  CHECK(world.poller.promise(world.now.wall + 3h) ==
        world.now.wall + 2h);  // a silent station does not hold up the others

  World asked({"Athens"}, {.every = 60s, .stamp = Stamp::poll});
  asked.advance();
  asked.answer(200, owm(t0 - 600));
  CHECK(asked.poller.promise(asked.now.wall) == asked.now.wall);
  asked.wake();
  CHECK(asked.poller.promise(asked.now.wall + 5s) == asked.now.wall);
}
