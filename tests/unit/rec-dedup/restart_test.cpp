#include "rec_dedup.hpp"
#include "restarts.hpp"

using namespace weir;
using namespace weir::rec_dedup;

TEST_CASE("repeats are the same whatever is stopped when") {
  const bool by_time = GENERATE(false, true);
  for (const std::size_t max_keys : {5, 1000}) {
    const auto make = [max_keys, by_time]() -> std::unique_ptr<Filter> {
      RecDedupSettings settings;
      settings.by = {"city", by_time ? "timestamp" : "sensor", "humidity"};
      settings.within = std::chrono::minutes(5);
      settings.max_keys = max_keys;
      settings.repeats = Repeats::write_to_side;
      return std::make_unique<RecDedup>(settings);
    };
    for (const std::size_t every : {1, 7, 100}) test::check_restarts(make, test::readings(3000, 3), every);
  }
}
