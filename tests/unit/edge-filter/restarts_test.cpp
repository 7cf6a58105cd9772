#include "restarts.hpp"
#include "edge_filter.hpp"

using namespace weir;
using namespace weir::edge_filter;

TEST_CASE("restarts change no marks") {
  for (const int rule : std::vector<int>{0, 1, 2}) {
    const auto make = [rule]() -> std::unique_ptr<Filter> {
      Settings settings;
      settings.by = {"city"};
      settings.parameter = "sensor";
      settings.value = "temperature_c";
      settings.types.smooth = {"a=lowpass:4:0.3", "b=filtfilt:2:0.2"};
      if (rule == 1) settings.types.deadbands = {"a=5"};
      if (rule == 2) settings.types.swings = {"3"};
      settings.previous = rule == 1 ? Previous::too : Previous::alone;
      settings.max_interval = std::chrono::minutes(20);
      settings.on_change = {"rev"};
      settings.late = {"late"};
      return std::make_unique<EdgeFilter>(settings);
    };
    for (const std::size_t every : std::vector<std::size_t>{1, 7, 100})
      test::check_restarts(make, test::readings(1000, 4), every);
  }
}
