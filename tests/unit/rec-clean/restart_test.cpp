#include <memory>

#include "catch.hpp"
#include "rec_clean.hpp"
#include "restarts.hpp"

using weir::rec_clean::RecClean;
using weir::rec_clean::Settings;

namespace {

void check(const Settings& settings) {
  for (const unsigned seed : {1U, 2U})
    for (const std::size_t every : {std::size_t{1}, std::size_t{7}, std::size_t{50}})
      weir::test::check_restarts([&] { return std::make_unique<RecClean>(settings); }, weir::test::readings(300, seed), every);
}

}  // namespace

TEST_CASE("flags go on after a restart, with records that wait and watermarks") {
  Settings settings;
  settings.quality.by = {"city"};
  settings.quality.late.value = "late";
  settings.quality.tests = {"temperature_c: range -40..39 suspect 5..30; spike 5 15; rate 1/1s 3/1s; flat 1m 2m within 9; gap 4m",
                            "humidity: spike 30; range 0..120; gap 10m"};
  settings.quality.detail = weir::rec_clean::FlagDetail::each_test;
  check(settings);
}

TEST_CASE("gaps are filled after a restart, with records that wait and watermarks") {
  Settings settings;
  settings.quality.by = {"city"};
  settings.quality.late.value = "late";
  settings.gaps = {{"temperature_c=linear", "value=last"}, std::chrono::minutes(5), {}};
  check(settings);
  settings.gaps.every = std::chrono::minutes(1);
  check(settings);
  settings.quality.max_held = 3000;
  check(settings);
}
