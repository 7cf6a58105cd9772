#include "weather_advise.hpp"
#include "restarts.hpp"

using namespace weir;
using namespace weir::weather_advise;

TEST_CASE("cleaned and filled values are the same whatever is stopped when") {
  for (const std::size_t room : {std::size_t{4000}, std::size_t{64} << 20U}) {
    const auto make = [room]() -> std::unique_ptr<Filter> {
      WeatherAdviseSettings settings;
      settings.max_gap = std::chrono::minutes(5);
      settings.max_held = room;
      return std::make_unique<WeatherAdvise>(settings);
    };
    for (const std::size_t every : {1, 7, 100}) test::check_restarts(make, test::readings(2000, 7), every);
  }
  const auto plain = []() -> std::unique_ptr<Filter> { return std::make_unique<WeatherAdvise>(WeatherAdviseSettings{}); };
  test::check_restarts(plain, test::readings(500, 8), 9);
}
