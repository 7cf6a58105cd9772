#include "forecaster.hpp"

#include <cmath>

#include "catch.hpp"
#include "seasonal_models.hpp"

using namespace weir::ts_forecast;

namespace {

Calendar calendar_of(std::vector<std::size_t> seasons, std::size_t size) {
  Calendar calendar;
  calendar.seasons = std::move(seasons);
  for (const std::size_t season : calendar.seasons) {
    Cycle& cycle = calendar.cycles.emplace_back();
    cycle.length = season;
    for (std::size_t t = 0; t < size; ++t) cycle.slots.push_back(static_cast<std::int32_t>(t % season));
  }
  return calendar;
}

Models both() {
  Models models;
  models.push_back(std::make_unique<SeasonalNaive>(0));
  models.push_back(std::make_unique<Differences>());
  return models;
}

}  // namespace

TEST_CASE("hold-outs are whole seasons before the end, and each fits") {
  const Calendar day = calendar_of({24}, 0);
  const HoldOuts held = hold_outs(700, day, 36, 30);
  CHECK(held.steps == 36);
  CHECK(held.in_step);
  CHECK(held.origins == std::vector<std::size_t>{48, 72, 96, 120, 144, 168, 192});
  const HoldOuts few = hold_outs(60, day, 36, 30);
  CHECK(few.steps == 15);
  CHECK_FALSE(few.in_step);
  REQUIRE_FALSE(few.origins.empty());
  for (const std::size_t origin : few.origins) CHECK(60 - origin >= 30);
  CHECK(hold_outs(30, day, 36, 30).origins.empty());
  const HoldOuts plain = hold_outs(10, calendar_of({}, 0), 5, 6);
  CHECK(plain.steps == 2);
  CHECK(plain.origins.front() == 2);
}

TEST_CASE("what repeats exactly is forecast exactly, and its interval has no width") {
  std::vector<double> values;
  for (int i = 0; i < 120; ++i) values.push_back(10 + i % 12);
  const Calendar calendar = calendar_of({12}, 200);
  const Past past{values, calendar};
  const Forecaster forecaster(both());
  const auto fit = forecaster.fit(past, 24);
  REQUIRE(fit.has_value());
  std::vector<double> ahead(24);
  REQUIRE(forecaster.forecast(past, *fit, ahead));
  for (std::size_t i = 0; i < 24; ++i) CHECK(std::fabs(ahead[i] - (10 + static_cast<double>(i % 12))) < 1e-6);
  CHECK(fit->spread[5] < 1e-6);
  CHECK(std::fabs(fit->weights[0] + fit->weights[1] - 1) < 1e-12);
}

TEST_CASE("the better model has the say") {
  // A season and a steep line: the last season is always too low, differences of seasons are not.
  std::vector<double> values;
  for (int i = 0; i < 240; ++i) values.push_back(i + 5 * std::sin(i * 0.5235987755982988));
  const Calendar calendar = calendar_of({12}, 300);
  const Past past{values, calendar};
  const Forecaster forecaster(both());
  const auto fit = forecaster.fit(past, 12);
  REQUIRE(fit.has_value());
  CHECK(fit->weights[1] > 0.99);
  CHECK(fit->origins == 7);
  CHECK(std::fabs(interval_factor(*fit, 0.95) - 2.364624251592785) < 1e-9);  // t of 7 degrees of freedom
}

TEST_CASE("logarithms where all are positive, the values where not") {
  std::vector<double> values{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048};
  const Calendar calendar = calendar_of({}, 0);
  std::vector<double> ahead(2);
  const Logarithmic logs(std::make_unique<SeasonalNaive>(0));
  CHECK(logs.forecast({values, calendar}, {}, ahead));
  CHECK(std::fabs(ahead[1] - 2048) < 1e-9);
  const Logarithmic grows(std::make_unique<Differences>());
  CHECK(grows.forecast({values, calendar}, {}, ahead));
  CHECK(std::fabs(ahead[1] / 8192 - 1) < 0.01);
  values[3] = 0;
  const Differences plain;
  std::vector<double> same(2);
  CHECK(plain.forecast({values, calendar}, {}, same));
  CHECK(grows.forecast({values, calendar}, {}, ahead));
  CHECK(ahead == same);
}
