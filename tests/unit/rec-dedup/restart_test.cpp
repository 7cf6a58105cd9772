#include "rec_dedup.hpp"
#include "restarts.hpp"

using namespace weir;
using namespace weir::rec_dedup;

TEST_CASE("restarts change no repeats") {
  const bool by_time = GENERATE(false, true);
  for (const std::size_t max_keys : std::vector<std::size_t>{5, 1000}) {
    const auto make = [max_keys, by_time]() -> std::unique_ptr<Filter> {
      Settings settings;
      settings.time.epochs = weir::Epochs::any;
      settings.by = {"city", by_time ? "timestamp" : "sensor", "humidity"};
      settings.within = std::chrono::minutes(5);
      settings.max_keys = max_keys;
      settings.repeats = "repeats";
      return std::make_unique<RecDedup>(settings);
    };
    for (const std::size_t every : std::vector<std::size_t>{1, 7, 100}) test::check_restarts(make, test::readings(1000, 3), every);
  }
}
