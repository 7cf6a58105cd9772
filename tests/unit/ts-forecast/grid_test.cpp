#include "grid.hpp"

#include <cmath>

#include "catch.hpp"

using namespace std::chrono_literals;
using weir::RecentPoints;
using weir::Time;
using weir::Zone;
using weir::ts_forecast::Grid;
using weir::ts_forecast::make_grid;
using weir::ts_forecast::Step;

namespace {

Time day(int year, unsigned month, unsigned day_of_month) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day_of_month));
}

RecentPoints points(std::initializer_list<std::pair<int, double>> minutes) {
  RecentPoints result(100);
  for (const auto& [minute, value] : minutes) result.add({Time(std::chrono::minutes(minute)), value});
  return result;
}

}  // namespace

TEST_CASE("the step is the median interval, a month by the calendar") {
  CHECK(Step::infer(points({{0, 1}, {10, 1}, {20, 1}, {50, 1}, {60, 1}}))->length == 10min);
  CHECK_FALSE(Step::infer(points({{0, 1}, {0, 2}})).has_value());
  RecentPoints months(100);
  for (unsigned month = 1; month <= 12; ++month) months.add({day(2025, month, 31 - (month == 2 ? 3 : 1)), 1.0 * month});
  const auto step = Step::infer(months);
  REQUIRE(step.has_value());
  CHECK(step->kind == Step::Kind::month);
  const Grid grid = make_grid(months, *step, Zone(), 0, 100);
  CHECK(grid.values.size() == 12);
  CHECK(grid.filled == 0);
  CHECK(grid.at(*step, Zone(), 2) == day(2026, 2, 28));
  CHECK(grid.at(*step, Zone(), 3) == day(2026, 3, 30));
}

TEST_CASE("steps without a reading are filled") {
  const Step step{Step::Kind::even, 10min};
  const Grid line = make_grid(points({{0, 1}, {10, 2}, {41, 5}, {50, 7}, {51, 9}}), step, Zone(), 0, 100);
  CHECK(line.values == std::vector<double>{1, 2, 3, 4, 5, 8});
  CHECK(line.readings == 5);
  CHECK(line.filled == 2);
  // A season of six steps: a hole of four gets the slots before and after it.
  const Grid season = make_grid(points({{0, 1},
                                        {10, 2},
                                        {20, 3},
                                        {30, 4},
                                        {40, 5},
                                        {50, 6},
                                        {100, 11},
                                        {110, 12},
                                        {120, 21},
                                        {130, 22},
                                        {140, 23},
                                        {150, 24},
                                        {160, 25},
                                        {170, 26}}),
                                step, Zone(), 6, 100);
  CHECK(season.values == std::vector<double>{1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 11, 12, 21, 22, 23, 24, 25, 26});
  CHECK(season.filled == 4);
  CHECK(make_grid(points({{0, 1}, {100, 2}}), step, Zone(), 0, 5).values == std::vector<double>{2});
}
