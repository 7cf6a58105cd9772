#include "restarts.hpp"
#include "win_delta.hpp"

using namespace weir;
using namespace weir::win_delta;

TEST_CASE("restarts change no differences and no revisions") {
  const auto make = []() -> std::unique_ptr<Filter> {
    Settings settings;
    settings.time.epochs = weir::Epochs::any;
    settings.by = {"city"};
    settings.fields = {"temperature_c", "humidity as more"};
    settings.allow_late = std::chrono::minutes(20);
    settings.late = {"late"};
    settings.falling = Falling::reset;
    return std::make_unique<WinDelta>(settings);
  };
  for (const std::size_t every : std::vector<std::size_t>{1, 7, 100}) test::check_restarts(make, test::readings(1000, 4), every);
}
