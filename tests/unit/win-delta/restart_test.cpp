#include "restarts.hpp"
#include "win_delta.hpp"

using namespace weir;
using namespace weir::win_delta;

TEST_CASE("differences and revisions are the same whatever is stopped when") {
  const auto make = []() -> std::unique_ptr<Filter> {
    WinDeltaSettings settings;
    settings.by = {"city"};
    settings.fields = {parse_delta_field("temperature_c"), parse_delta_field("humidity as more")};
    settings.allow_late = std::chrono::minutes(20);
    settings.late = LateRows::write_to_side;
    return std::make_unique<WinDelta>(settings);
  };
  for (const std::size_t every : {1, 7, 100}) test::check_restarts(make, test::readings(2000, 4), every);
}
