#include "restarts.hpp"
#include "win_agg.hpp"

using namespace weir;
using namespace weir::win_agg;

namespace {

void check(const std::function<void(Settings&)>& shape) {
  const auto make = [&shape]() -> std::unique_ptr<Filter> {
    Settings settings;
    settings.time.epochs = weir::Epochs::any;
    settings.by = {"city"};
    settings.every = "10m";
    settings.lateness = std::chrono::minutes(1);
    settings.late = {"late"};
    settings.aggregates =
        "count() as n, sum(temperature_c), avg(temperature_c) as mean, min(temperature_c), max(temperature_c), "
        "first(sensor), last(temperature_c) as newest, stddev(humidity), median(humidity), p95(temperature_c), "
        "distinct(sensor), delta(humidity), twa(temperature_c), count(humidity > 50) as damp, increase(humidity), "
        "integral(temperature_c) per hour, round(avg(humidity), 1) as rounded";
    shape(settings);
    if (settings.allow_late > Duration::zero()) settings.late_copy = "taken";
    return std::make_unique<WinAgg>(settings);
  };
  for (const std::size_t every : {1, 13, 200}) test::check_restarts(make, test::readings(1500, 9), every);
}

}  // namespace

TEST_CASE("restarts change no rows") {
  SECTION("tumbling") {
    check([](Settings&) {});
  }
  SECTION("tumbling, revised, early") {
    check([](Settings& settings) {
      settings.allow_late = std::chrono::minutes(15);
      settings.early = std::chrono::minutes(2);
    });
  }
  SECTION("tumbling, with watermarks of its own") {
    check([](Settings& settings) { settings.watermarks = Watermarks::write; });
  }
  SECTION("tumbling, with what was before, filled") {
    check([](Settings& settings) {
      settings.aggregates += ", twa(humidity) carry as held";
      settings.every = "3m";
      settings.fill = 4;
      settings.local = {"date", "hour"};
    });
  }
  SECTION("tumbling, with what was before, revised, early") {
    check([](Settings& settings) {
      settings.aggregates += ", twa(humidity) carry as held";
      settings.every = "3m";
      settings.allow_late = std::chrono::minutes(15);
      settings.early = std::chrono::minutes(1);
    });
  }
  SECTION("with what was before, of every numeric field, and a watermark for each key") {
    check([](Settings& settings) {
      settings.aggregates = "increase(*), twa(*) carry, integral(*) per second";
      settings.watermark = WatermarkOf::key;
    });
  }
  SECTION("overlapping") {
    check([](Settings& settings) { settings.size = std::chrono::minutes(50); });
  }
  SECTION("overlapping, of many panes, revised, early") {
    check([](Settings& settings) {
      settings.size = std::chrono::minutes(60);
      settings.every = "1m";
      settings.allow_late = std::chrono::minutes(15);
      settings.early = std::chrono::minutes(2);
    });
  }
  SECTION("sessions") {
    check([](Settings& settings) {
      settings.every.clear();
      settings.gap = std::chrono::minutes(5);
    });
  }
  SECTION("sessions, revised, early") {
    check([](Settings& settings) {
      settings.every.clear();
      settings.gap = std::chrono::minutes(3);
      settings.allow_late = std::chrono::minutes(15);
      settings.early = std::chrono::minutes(2);
    });
  }
  SECTION("sessions of a greatest length") {
    check([](Settings& settings) {
      settings.every.clear();
      settings.gap = std::chrono::minutes(5);
      settings.max_length = std::chrono::minutes(12);
    });
  }
  SECTION("counts") {
    check([](Settings& settings) {
      settings.every.clear();
      settings.count = 7;
    });
  }
  SECTION("a watermark for each key") {
    check([](Settings& settings) { settings.watermark = WatermarkOf::key; });
  }
  SECTION("every numeric field, found on the way") {
    check([](Settings& settings) { settings.aggregates.clear(); });
  }
  SECTION("found fields and a watermark for each key") {
    check([](Settings& settings) {
      settings.aggregates.clear();
      settings.watermark = WatermarkOf::key;
    });
  }
}
