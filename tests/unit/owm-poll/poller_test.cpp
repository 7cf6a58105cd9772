#include "poller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "catch.hpp"
#include "time/timestamp.hpp"

using namespace weir;
using namespace weir::owm_poll;
using namespace std::chrono_literals;

namespace {

/// A Poller with clocks that the test moves, and with the test as its provider.
struct World {
  explicit World(const std::vector<std::string>& cities, PollSettings settings = {},
                 Service service = Service::openweathermap)
      : provider(Provider::make(service, {"http://h", "", "secret"})),
        poller(settings, *provider, cache, cities_of(cities), log) {}

  static std::vector<City> cities_of(const std::vector<std::string>& names) {
    std::vector<City> cities;
    for (const std::string& name : names) cities.push_back(parse_city(name));
    return cities;
  }

  /// Lets time pass and starts due calls; returns their number.
  std::size_t advance(Duration length = {}) {
    now.steady += length;
    now.wall += length;
    const std::size_t before = calls.size();
    poller.advance(now, calls);
    return calls.size() - before;
  }
  /// Waits as long as the poller asks, which must be finite, and starts due calls.
  std::size_t wake() {
    const auto length = poller.wake(now);
    REQUIRE(length.has_value());
    return advance(*length);
  }
  /// Answers the oldest open call.
  void answer(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    REQUIRE(next < calls.size());
    poller.answered(calls[next++].id,
                    {.status = status, .headers = std::move(headers), .body = std::move(body), .error = {}}, now);
  }
  void break_off(http::Failure failure, std::string reason) {
    REQUIRE(next < calls.size());
    poller.answered(calls[next++].id,
                    {.status = 0, .headers = {}, .body = {}, .failure = failure, .error = std::move(reason)}, now);
  }
  const std::string& url() const { return calls.at(next).request.url; }
  std::string lines() {
    std::string out;
    poller.take(out);
    return out;
  }

  PlaceCache cache;
  std::unique_ptr<Provider> provider;
  std::vector<std::string> messages;
  std::vector<std::string> errors;
  struct KeptLog : Log {
    explicit KeptLog(World& to) : world(to) {}
    void info(std::string_view message) override { world.messages.emplace_back(message); }
    void warn(std::string_view message) override { world.messages.emplace_back(message); }
    void error(std::string_view message) override { world.errors.emplace_back(message); }
    World& world;
  };
  KeptLog log{*this};
  Poller poller;
  Moment now{1000s, TimeParser().parse("2026-01-01T00:00:10Z").value()};
  std::vector<Poller::Call> calls;
  std::size_t next = 0;
};

std::string owm(long dt, const char* temperature = "21.50") {
  return fmt::format(
      R"({{"weather":[{{"id":800,"description":"clear sky"}}],"main":{{"temp":{},"pressure":1015,"humidity":64}},)"
      R"("wind":{{"speed":0.62}},"dt":{},"cod":200}})",
      temperature, dt);
}

std::string meteo(long time) {
  return fmt::format(
      R"({{"latitude":1,"longitude":2,"current":{{"time":{},"temperature_2m":1.5,"relative_humidity_2m":50,"pressure_msl":1000,)"
      R"("wind_speed_10m":2,"weather_code":0}}}})",
      time);
}

const std::string not_found = R"({"cod":"404","message":"city not found"})";
constexpr long t0 = 1767225600;  // 2026-01-01T00:00:00Z

PollSettings every(Duration length) {
  PollSettings settings;
  settings.every = length;
  return settings;
}

}  // namespace

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

TEST_CASE("401 ends the run and reports what to do; earlier readings stay") {
  World world({"Athens", "Berlin", "Oslo"}, every(60s));
  world.advance();
  world.answer(200, owm(t0));
  world.answer(401, R"({"cod":401,"message":"Invalid API key."})");
  CHECK(world.poller.finished());
  CHECK(world.poller.failed());
  world.answer(200, owm(t0));  // too late: the run is over
  CHECK(std::ranges::count(world.lines(), '\n') == 1);
  REQUIRE(world.errors.size() == 1);
  CHECK(world.errors[0] ==
        "openweathermap refuses (status 401: Invalid API key.): check OWM_API_KEY; a new key takes up to two hours "
        "until it works");
  CHECK(world.advance(1h) == 0);
}

TEST_CASE("5xx, time-outs and broken connections are tried again after pauses that double, then given up") {
  PollSettings settings;
  settings.retries = 3;
  settings.seed = 5;
  World world({"Oslo"}, settings);
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
  PollSettings settings;
  settings.connections = 1;
  World world({"Athens", "Oslo"}, settings);
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
  PollSettings settings;
  settings.connections = 1;
  World world({"Athens", "Oslo"}, settings);
  world.advance();
  world.answer(429, "");
  CHECK(world.advance(8s - 1ns) == 0);
  CHECK(world.wake() == 1);
  CHECK(world.now.steady >= 1008s);
  CHECK(world.now.steady <= 1016s);
}

TEST_CASE("with one round, a provider that asks to wait longer than --max-wait is not waited for") {
  PollSettings settings;
  settings.connections = 1;
  settings.max_wait = 60s;
  World world({"Athens", "Oslo"}, settings);
  world.advance();
  world.answer(429, "", {{"retry-after", "3600"}});
  CHECK(world.advance() == 0);
  CHECK(world.poller.finished());
  CHECK(world.poller.failed());
  REQUIRE(world.errors.size() == 2);
  CHECK(world.errors[0].ends_with(": openweathermap asks to wait 1h, longer than --max-wait 1m"));
}

TEST_CASE("in a long run a wait is kept to, however long") {
  World world({"Athens"}, every(60s));
  world.advance();
  world.answer(429, "", {{"retry-after", "3600"}});
  std::size_t asked = 0;
  for (int i = 0; i < 59; ++i) asked += world.advance(60s);
  CHECK(asked == 0);
  CHECK(world.advance(60s) == 1);
  CHECK(world.errors.empty());
}

TEST_CASE("a reading that was sent is not sent again, unless asked for") {
  World world({"Athens"}, every(60s));
  world.advance();
  for (const long dt : {t0, t0, t0 + 600, t0, t0 + 600}) {
    world.answer(200, owm(dt));
    CHECK(world.wake() == 1);
  }
  CHECK(std::ranges::count(world.lines(), '\n') == 2);
  CHECK(world.poller.summary() == "2 readings sent, 3 that were sent before, 0 requests for a city failed");

  PollSettings settings = every(60s);
  settings.repeats = Repeats::send;
  World repeating({"Athens"}, settings);
  repeating.advance();
  repeating.answer(200, owm(t0));
  repeating.wake();
  repeating.answer(200, owm(t0));
  CHECK(std::ranges::count(repeating.lines(), '\n') == 2);
}

TEST_CASE("--stamp poll is the time of asking, of the try that succeeded; a repeated reading stays one") {
  PollSettings settings = every(60s);
  settings.stamp = Stamp::poll;
  World world({"Athens"}, settings);
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

TEST_CASE("rounds come on the full minute, without drift, and a city that is not done is left out") {
  World world({"Athens", "Slow"}, every(60s));
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
  World world({"Athens"}, every(60s));
  world.advance();
  world.answer(200, owm(t0));
  world.now.wall -= 24h;
  CHECK(world.advance() == 0);
  CHECK(world.poller.wake(world.now) == Duration(50s));
  CHECK(world.wake() == 1);
}

TEST_CASE("the rate limit counts every call, look-ups and second tries too") {
  PollSettings settings;
  settings.rate_limit = 3;
  settings.connections = 100;
  settings.lookup = Lookup::always;
  World world({"A", "B@1,2", "C"}, settings);
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
  PollSettings settings;
  settings.connections = 2;
  World world({"A", "B", "C", "D", "E"}, settings);
  CHECK(world.advance() == 2);
  CHECK(world.advance() == 0);
  CHECK_FALSE(world.poller.wake(world.now).has_value());  // an answer must come first
  world.answer(200, owm(t0));
  CHECK(world.advance() == 1);
  world.answer(200, owm(t0));
  world.answer(200, owm(t0));
  CHECK(world.advance() == 2);
}

TEST_CASE(
    "Open-Meteo: names are looked up first, then all are asked for at once; a bad place does not spoil the others") {
  World world({"A", "B@5,6", "C"}, every(60s), Service::open_meteo);
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
  World world({"Athens"}, every(60s));
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
  PollSettings settings = every(15min);
  settings.history = 2h;
  World world({"A@1,2", "B@3,4"}, settings, Service::open_meteo);
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
  PollSettings settings;
  settings.history = 2h;
  settings.retries = 1;
  World world({"A@1,2", "B"}, settings, Service::open_meteo);
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

TEST_CASE("a heartbeat promises no more than the readings keep") {
  World world({"Athens", "Oslo"}, every(60s));
  CHECK_FALSE(world.poller.promise(world.now.wall).has_value());
  world.advance();
  world.answer(200, owm(t0 - 600));
  CHECK_FALSE(world.poller.promise(world.now.wall).has_value());  // Oslo may be older
  world.answer(200, owm(t0 - 1200));
  CHECK(world.poller.promise(world.now.wall) == Time(std::chrono::seconds(t0 - 1200)));
  CHECK(world.poller.promise(world.now.wall + 3h) ==
        world.now.wall + 2h);  // a silent station does not hold up the others

  PollSettings settings = every(60s);
  settings.stamp = Stamp::poll;
  World asked({"Athens"}, settings);
  asked.advance();
  asked.answer(200, owm(t0 - 600));
  CHECK(asked.poller.promise(asked.now.wall) == asked.now.wall);
  asked.wake();
  CHECK(asked.poller.promise(asked.now.wall + 5s) == asked.now.wall);
}
