#include "restarts.hpp"
#include "weather_advise.hpp"

using namespace weir;
using namespace weir::weather_advise;

TEST_CASE("restarts change no cleaned and no filled values") {
  for (const std::size_t room : {std::size_t{4000}, std::size_t{64} << 20U}) {
    const auto make = [room]() -> std::unique_ptr<Filter> {
      Settings settings;
      settings.time.epochs = weir::Epochs::any;
      settings.max_gap = std::chrono::minutes(5);
      settings.max_held = room;
      return std::make_unique<WeatherAdvise>(settings);
    };
    for (const std::size_t every : std::vector<std::size_t>{1, 7, 100}) test::check_restarts(make, test::readings(1000, 7), every);
  }
  const auto plain = []() -> std::unique_ptr<Filter> { return std::make_unique<WeatherAdvise>(Settings{}); };
  test::check_restarts(plain, test::readings(500, 8), 9);
}
