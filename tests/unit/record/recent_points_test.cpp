#include "record/recent_points.hpp"

#include <algorithm>
#include <random>
#include <string>

#include "catch.hpp"

using weir::Time;
using weir::Point;
using weir::RecentPoints;

namespace {

Point at(int second, double value) { return {Time(std::chrono::seconds(second)), value}; }

std::string values(const RecentPoints& points) {
  std::string all;
  for (std::size_t i = 0; i < points.size(); ++i) all += std::to_string(static_cast<int>(points[i].value)) + " ";
  return all;
}

}  // namespace

TEST_CASE("the latest points, by time") {
  RecentPoints points(3);
  CHECK(points.add(at(10, 1)));
  CHECK(points.add(at(30, 3)));
  CHECK(points.add(at(20, 2)));  // late: inserted by time
  CHECK(values(points) == "1 2 3 ");
  CHECK(points.add(at(40, 4)));
  CHECK(values(points) == "2 3 4 ");
  CHECK(points.add(at(35, 5)));
  CHECK(values(points) == "3 5 4 ");
  CHECK_FALSE(points.add(at(29, 6)));  // older than all points kept
  CHECK(points.add(at(30, 7)));        // as old as the oldest: inserted after it, and the oldest is removed
  CHECK(values(points) == "7 5 4 ");
  CHECK(points.latest().value == 4);
}

TEST_CASE("points without a time stand as they came") {
  RecentPoints points(2);
  for (int i = 1; i <= 3; ++i) CHECK(points.add({std::nullopt, static_cast<double>(i)}));
  CHECK(values(points) == "2 3 ");
}

TEST_CASE("whatever the order, the latest remain") {
  std::mt19937 random(11);
  std::vector<int> times(200);
  for (int i = 0; i < 200; ++i) times[static_cast<std::size_t>(i)] = i;
  std::shuffle(times.begin(), times.end(), random);
  RecentPoints points(50);
  for (const int time : times) static_cast<void>(points.add(at(time, time)));
  REQUIRE(points.size() == 50);
  for (std::size_t i = 0; i < 50; ++i) CHECK(points[i].value == static_cast<double>(150 + i));
}
