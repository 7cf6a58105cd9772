// What the tests of Poller share: a world in which time stands still, and answers of the providers.
#pragma once
#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "poller.hpp"
#include "time/timestamp.hpp"

namespace weir::owm_poll {

using namespace std::chrono_literals;

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
  /// The request of the oldest call not yet answered.
  const std::string& url() const { return calls.at(next).request.url; }
  /// The records since the last call.
  std::string lines() {
    std::string out;
    poller.take(out);
    return out;
  }

  PlaceCache cache;
  std::unique_ptr<Provider> provider;
  std::vector<std::string> messages;  ///< that are not errors
  std::vector<std::string> errors;
  struct TwoLevels : Log {
    explicit TwoLevels(World& to) : world(to) {}
    void info(std::string_view message) override { world.messages.emplace_back(message); }
    void warn(std::string_view message) override { world.messages.emplace_back(message); }
    void error(std::string_view message) override { world.errors.emplace_back(message); }
    World& world;
  };
  TwoLevels log{*this};
  Poller poller;
  Moment now{1000s, TimeParser().parse("2026-01-01T00:00:10Z").value()};
  std::vector<Poller::Call> calls;
  std::size_t next = 0;
};

inline std::string owm(long dt, const char* temperature = "21.50") {
  return fmt::format(
      R"({{"weather":[{{"id":800,"description":"clear sky"}}],"main":{{"temp":{},"pressure":1015,"humidity":64}},)"
      R"("wind":{{"speed":0.62}},"dt":{},"cod":200}})",
      temperature, dt);
}

inline std::string meteo(long time) {
  return fmt::format(
      R"({{"latitude":1,"longitude":2,"current":{{"time":{},"temperature_2m":1.5,"relative_humidity_2m":50,"pressure_msl":1000,)"
      R"("wind_speed_10m":2,"weather_code":0}}}})",
      time);
}

inline const std::string not_found = R"({"cod":"404","message":"city not found"})";
inline constexpr long t0 = 1767225600;  // 2026-01-01T00:00:00Z

}  // namespace weir::owm_poll
