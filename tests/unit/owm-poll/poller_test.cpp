#include "poller_world.hpp"

#include <algorithm>

using namespace weir;
using namespace weir::owm_poll;

TEST_CASE("one round: a call a city, a record each, with the names of the request") {
  World world({"Athens", "Zocca@44.3,10.9"});
  CHECK(world.advance() == 2);
  CHECK(world.url().find("q=Athens") != std::string::npos);
  world.answer(200, owm(t0));
  CHECK_FALSE(world.poller.finished());
  CHECK(world.url().find("lat=44.3&lon=10.9") != std::string::npos);
  world.answer(200, owm(t0 + 60, "-0.10"));
  CHECK(world.poller.finished());
  CHECK_FALSE(world.poller.failed());
  CHECK(world.lines() ==
        "{\"timestamp\":\"2026-01-01T00:00:00Z\",\"city\":\"Athens\",\"temperature_c\":21.50,\"humidity\":64,"
        "\"pressure\":1015,"
        "\"wind_speed\":0.62,\"weather\":\"clear sky\"}\n"
        "{\"timestamp\":\"2026-01-01T00:01:00Z\",\"city\":\"Zocca\",\"temperature_c\":-0.10,\"humidity\":64,"
        "\"pressure\":1015,"
        "\"wind_speed\":0.62,\"weather\":\"clear sky\"}\n");
  CHECK(world.errors.empty());
}

TEST_CASE("404, an unexpected body, too large: the city is named, the others continue, without a retry") {
  World world({"Nowhere", "Athens", "Hotel", "Huge", "Moved"});
  CHECK(world.advance() == 5);
  world.answer(404, not_found);
  world.answer(200, owm(t0));
  world.answer(200, "<html>");
  world.break_off(http::Failure::too_large, "the answer is longer than 4194304 bytes");
  world.answer(304, "");
  CHECK(world.poller.finished());
  CHECK(world.poller.failed());
  CHECK(std::ranges::count(world.lines(), '\n') == 1);
  REQUIRE(world.errors.size() == 4);
  CHECK(world.errors[0] == "Nowhere: status 404: city not found");
  CHECK(world.errors[1].starts_with("Hotel: "));
  CHECK(world.errors[2] == "Huge: the answer is longer than 4194304 bytes");
  CHECK(world.errors[3] == "Moved: status 304");
}

constexpr const char* unauthorized = R"({"cod":401,"message":"Invalid API key."})";

TEST_CASE("401 before any good answer ends the run and reports what to do; in one round also after one") {
  World world({"Athens", "Berlin"}, {.every = 60s});
  world.advance();
  world.answer(401, unauthorized);
  CHECK(world.poller.finished());
  CHECK(world.poller.failed());
  world.answer(200, owm(t0));  // too late: the run is over
  CHECK(world.lines().empty());
  CHECK(world.errors == std::vector<std::string>{"openweathermap refuses (status 401: Invalid API key.): check "
                                                 "OWM_API_KEY; a new key takes up to two hours until it works"});
  CHECK(world.advance(1h) == 0);

  World once({"Athens", "Berlin"});
  once.advance();
  once.answer(200, owm(t0));
  once.answer(401, unauthorized);
  CHECK(once.poller.finished());
  CHECK(once.poller.failed());
  CHECK(std::ranges::count(once.lines(), '\n') == 1);
}

TEST_CASE("a key that has worked may be refused now and then") {
  World world({"Athens"}, {.every = 10min});
  world.advance();
  world.answer(200, owm(t0));
  for (long round = 1; round < 9; ++round) {
    CHECK(world.wake() == 1);
    if (round % 3 == 0) {
      world.answer(200, owm(t0 + round));
    } else {
      world.answer(401, unauthorized);
    }
  }
  CHECK_FALSE(world.poller.finished());
  CHECK(std::ranges::count(world.lines(), '\n') == 3);
  CHECK(world.errors[0] ==
        "Athens: status 401: Invalid API key.; the key has worked, and is tried again in the next round");
  CHECK(world.wake() == 1);
  world.answer(401, unauthorized);  // the third in a row
  CHECK(world.poller.finished());
  CHECK(world.poller.failed());
  CHECK(world.errors.back().starts_with("openweathermap refuses (status 401"));
}

TEST_CASE("a key is refused for good after some minutes, however many answers come in one round") {
  World world({"Athens", "Berlin", "Oslo", "Rome"}, {.every = 60s});
  world.advance();
  for (int city = 0; city < 4; ++city) world.answer(200, owm(t0));
  for (int minute = 0; minute < 5; ++minute) {
    CHECK(world.wake() == 4);
    for (int city = 0; city < 4; ++city) world.answer(401, unauthorized);
    CHECK_FALSE(world.poller.finished());
  }
  CHECK(world.wake() == 4);
  world.answer(401, unauthorized);
  CHECK(world.poller.finished());
}

TEST_CASE("a reading that was sent is not sent again, unless asked for") {
  World world({"Athens"}, {.every = 60s});
  world.advance();
  for (const long dt : {t0, t0, t0 + 600, t0, t0 + 600}) {
    world.answer(200, owm(dt));
    CHECK(world.wake() == 1);
  }
  CHECK(std::ranges::count(world.lines(), '\n') == 2);
  CHECK(world.poller.summary() == "2 readings sent, 3 that were sent before, 0 requests for a city failed");

  World repeating({"Athens"}, {.every = 60s, .repeats = Repeats::send});
  repeating.advance();
  repeating.answer(200, owm(t0));
  repeating.wake();
  repeating.answer(200, owm(t0));
  CHECK(std::ranges::count(repeating.lines(), '\n') == 2);
}

TEST_CASE("--time-of poll is the time of asking, of the try that succeeded; a repeated reading stays one") {
  World world({"Athens"}, {.every = 60s, .stamp = Stamp::poll});
  world.advance();
  world.now.wall += 3s;
  world.now.steady += 3s;
  world.answer(200, owm(t0));
  CHECK(world.lines().starts_with("{\"timestamp\":\"2026-01-01T00:00:10Z\""));
  world.wake();
  world.answer(200, owm(t0));
  CHECK(world.lines().empty());
  world.wake();
  world.answer(200, owm(t0 + 1));
  CHECK(world.lines().starts_with("{\"timestamp\":\"2026-01-01T00:02:00Z\""));
}

TEST_CASE(
    "Open-Meteo: names are looked up first, then all are asked for at once; a bad place does not spoil the others") {
  World world({"A", "B@5,6", "C"}, {.every = 60s}, Service::open_meteo);
  CHECK(world.advance() == 2);  // B waits for the look-ups
  world.answer(200, R"({"results":[{"name":"A","latitude":1,"longitude":2,"country_code":"X"}]})");
  CHECK(world.advance() == 0);
  world.answer(200, R"({"results":[{"name":"C","latitude":3,"longitude":4,"country_code":"X"}]})");
  CHECK(world.advance() == 1);
  CHECK(world.url().find("latitude=5,1,3&longitude=6,2,4") != std::string::npos);
  world.answer(400, R"({"error":true,"reason":"bad latitude"})");
  CHECK(world.advance() == 3);
  world.answer(200, meteo(t0));
  world.answer(400, R"({"error":true,"reason":"bad latitude"})");
  world.answer(200, meteo(t0));
  CHECK(std::ranges::count(world.lines(), '\n') == 2);
  CHECK(world.errors == std::vector<std::string>{"A: status 400: bad latitude"});
  CHECK(world.wake() == 1);  // the next round has the places
  world.answer(200, fmt::format("[{},{},{}]", meteo(t0 + 900), R"({"current":{"time":"x"}})", meteo(t0 + 900)));
  CHECK(std::ranges::count(world.lines(), '\n') == 2);
  CHECK(world.errors.size() == 2);
  CHECK(world.errors.back().starts_with("B: ") != world.errors.back().starts_with("A: "));
}

TEST_CASE("a repeated problem is reported once in a long run, and its end too") {
  World world({"Athens"}, {.every = 60s});
  world.advance();
  for (const int status : {404, 404, 404, 200, 404}) {
    world.answer(status, status == 200 ? owm(t0) : not_found);
    world.wake();
  }
  CHECK(world.errors ==
        std::vector<std::string>{"Athens: status 404: city not found", "Athens: status 404: city not found"});
  CHECK(world.messages == std::vector<std::string>{"Athens: answers again"});
  CHECK_FALSE(world.poller.failed());
  CHECK(world.poller.summary() == "1 readings sent, 0 that were sent before, 4 requests for a city failed");
}

TEST_CASE("history: the hours of the past, of all cities in the order of time, once, and none of the future") {
  World world({"A@1,2", "B@3,4"}, {.every = 15min, .history = 2h}, Service::open_meteo);
  CHECK(world.advance() == 1);  // it is 00:00:10
  CHECK(world.url().find("past_days=1") != std::string::npos);
  const auto place = [](const char* first) {
    return fmt::format(
        R"({{"current":{{"time":{},"temperature_2m":9}},"hourly":{{"time":[{},{},{},{},{}],"temperature_2m":[{},2,3,4,5]}}}})",
        t0, t0 - 10800, t0 - 7200, t0 - 3600, t0, t0 + 3600, first);
  };
  world.answer(200, fmt::format("[{},{}]", place("1"), place("7")));
  const std::string out = world.lines();
  // 22:00:10 to 00:00:10: 23:00 and 00:00. The current reading is that of 00:00, which was sent already.
  std::string order;
  for (std::size_t at = out.find("{\"timestamp\":\""); at != std::string::npos;
       at = out.find("{\"timestamp\":\"", at + 1))
    order += fmt::format("{}{} ", out.substr(at + 25, 2), out[out.find("\"city\":\"", at) + 8]);
  CHECK(order == "23A 23B 00A 00B ");
  CHECK(world.wake() == 1);
  CHECK(world.url().find("past_days") == std::string::npos);
  world.answer(200, fmt::format("[{},{}]", meteo(t0 + 900), meteo(t0 + 900)));
  CHECK(std::ranges::count(world.lines(), '\n') == 2);
}

TEST_CASE("history is not delayed without limit by a city that fails") {
  World world({"A@1,2", "B"}, {.history = 2h, .retries = 1}, Service::open_meteo);
  world.advance();
  world.break_off(http::Failure::resolve, "no such host");
  CHECK(world.advance() == 1);  // A continues while B is retried
  world.answer(200, meteo(t0));
  CHECK(world.lines().empty());
  CHECK(world.errors == std::vector<std::string>{"A: no object hourly"});
  world.wake();
  world.break_off(http::Failure::resolve, "no such host");
  CHECK(world.poller.finished());
}

TEST_CASE("no message holds the key") {
  World world({"A", "B", "C"});
  world.advance();
  world.answer(400, R"({"cod":400,"message":"bad"})");
  world.answer(500, "");
  world.break_off(http::Failure::broken, "broken");
  for (const auto* list : {&world.messages, &world.errors})
    for (const std::string& each : *list) CHECK(each.find("secret") == std::string::npos);
}

TEST_CASE("readings of an earlier run are not sent again") {
  World world({"Athens", "Oslo"});
  SentByCity sent;
  sent["Athens"].note(Time(std::chrono::seconds(t0)));
  sent["Rome"].note(Time(std::chrono::seconds(t0)));
  world.poller.remember(sent);
  world.advance();
  world.answer(200, owm(t0));
  world.answer(200, owm(t0));
  CHECK(world.lines().find("Athens") == std::string::npos);
  CHECK(world.poller.sent().size() == 3);
}

TEST_CASE("a reading from the future is not written, and its city is reported") {
  World world({"Athens", "Bonn"}, {.max_future = std::chrono::hours(24)});
  world.advance();
  world.answer(200, owm(t0 + 3 * 86400));
  world.answer(200, owm(t0 + 3600));
  CHECK(world.poller.failed());
  CHECK(world.lines().find("\"city\":\"Athens\"") == std::string::npos);
  REQUIRE(world.errors.size() == 1);
  CHECK(
      world.errors[0].starts_with("Athens: its reading of 2026-01-04T00:00:00Z is 2d23h59m ahead of this machine's "));
}
