#include "restarts.hpp"
#include "win_agg.hpp"

using namespace weir;
using namespace weir::win_agg;

namespace {

void check(const std::function<void(WinAggSettings&)>& shape) {
  const auto make = [&shape]() -> std::unique_ptr<Filter> {
    WinAggSettings settings;
    settings.by = {"city"};
    settings.every = std::chrono::minutes(10);
    settings.lateness = std::chrono::minutes(1);
    settings.late = LateRecords::write_to_side;
    settings.late_copies = LateRecords::write_to_side;
    settings.aggregates = parse_aggregates(
        "count() as n, sum(temperature_c), avg(temperature_c) as mean, min(temperature_c), max(temperature_c), "
        "first(sensor), last(temperature_c) as newest, stddev(humidity), median(humidity), p95(temperature_c), "
        "distinct(sensor), delta(humidity), twa(temperature_c), count(humidity > 50) as damp");
    shape(settings);
    return std::make_unique<WinAgg>(settings);
  };
  for (const std::size_t every : {1, 13, 200}) test::check_restarts(make, test::readings(1500, 9), every);
}

}  // namespace

TEST_CASE("rows are the same whatever is stopped when") {
  SECTION("tumbling") {
    check([](WinAggSettings&) {});
  }
  SECTION("tumbling, revised, early") {
    check([](WinAggSettings& settings) {
      settings.allow_late = std::chrono::minutes(15);
      settings.early = std::chrono::minutes(2);
    });
  }
  SECTION("tumbling, with watermarks of its own") {
    check([](WinAggSettings& settings) { settings.watermarks = Watermarks::write; });
  }
  SECTION("overlapping") {
    check([](WinAggSettings& settings) { settings.size = std::chrono::minutes(50); });
  }
  SECTION("overlapping, of many panes, revised, early") {
    check([](WinAggSettings& settings) {
      settings.size = std::chrono::minutes(60);
      settings.every = std::chrono::minutes(1);
      settings.allow_late = std::chrono::minutes(15);
      settings.early = std::chrono::minutes(2);
    });
  }
  SECTION("sessions") {
    check([](WinAggSettings& settings) {
      settings.every = Duration::zero();
      settings.gap = std::chrono::minutes(5);
    });
  }
  SECTION("sessions, revised, early") {
    check([](WinAggSettings& settings) {
      settings.every = Duration::zero();
      settings.gap = std::chrono::minutes(3);
      settings.allow_late = std::chrono::minutes(15);
      settings.early = std::chrono::minutes(2);
    });
  }
  SECTION("counts") {
    check([](WinAggSettings& settings) {
      settings.every = Duration::zero();
      settings.count = 7;
    });
  }
  SECTION("a watermark for each key") {
    check([](WinAggSettings& settings) { settings.watermark = WatermarkOf::key; });
  }
  SECTION("every numeric field, found on the way") {
    check([](WinAggSettings& settings) { settings.aggregates.clear(); });
  }
  SECTION("found fields and a watermark for each key") {
    check([](WinAggSettings& settings) {
      settings.aggregates.clear();
      settings.watermark = WatermarkOf::key;
    });
  }
}
