#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "cut_forest.hpp"
#include "isolation_forest.hpp"
#include "state/random.hpp"

using namespace weir;
using namespace weir::anomaly_score;

namespace {

bool near(double a, double b, double most = 1e-12) { return std::fabs(a - b) < most; }

/// Rows of two fields about 0, the same on every machine.
std::vector<double> rows(std::size_t count) {
  Random random("rows", 5);
  std::vector<double> values;
  for (std::size_t i = 0; i < 2 * count; ++i)
    values.push_back(random.uniform() + random.uniform() + random.uniform() - 1.5);
  return values;
}

}  // namespace

TEST_CASE("the mean depth of a tree is scikit-learn's") {
  CHECK(mean_depth(0) == 0);
  CHECK(mean_depth(1) == 0);
  CHECK(mean_depth(2) == 1);
  CHECK(near(mean_depth(5), 2 * (std::log(4.0) + 0.5772156649015329) - 8.0 / 5));
  CHECK(near(mean_depth(256), 10.244770920, 1e-8));
}

TEST_CASE("a quantile is numpy's") {
  CHECK(near(quantile({4, 1, 3, 2}, 0.1), 1.3));
  CHECK(near(quantile({4, 1, 3, 2}, 0.5), 2.5));
  CHECK(quantile({7}, 0.9) == 7);
}

TEST_CASE("a score is that of the path through the trees") {
  // One tree: field 0 at 10, then field 1 at 3. Leaves of 3, 1 and 4 of 8 rows.
  const IsolationForest forest("[[0,10,-1,3,1,3,-1,1,-1,4]]", 2, 8, 0.5);
  const auto score = [](double depth) { return std::exp2(-depth / mean_depth(8)); };
  CHECK(near(forest.score(std::vector<double>{10, 0}), score(1 + mean_depth(3))));
  CHECK(near(forest.score(std::vector<double>{11, 3}), score(2)));
  CHECK(near(forest.score(std::vector<double>{11, 4}), score(2 + mean_depth(4))));
  CHECK(forest.text() == "[[0,10,-1,3,1,3,-1,1,-1,4]]");
}

TEST_CASE("what is not a forest is refused") {
  for (const char* text :
       {"", "[", "[]", "[[]]", "[[-1]]", "[[-1,2.5]]", "[[-1,-2]]", "[[2,1,-1,1,-1,1]]", "[[0.5,1,-1,1,-1,1]]",
        "[[0,1,-1,1]]", "[[0,1,-1,1,-1,1],]", "[[-1,1]]x", "[[-1,1,]]", "[[0,nan,-1,1,-1,1]]"})
    CHECK_THROWS_AS(IsolationForest(text, 2, 8, 0.5), std::invalid_argument);
  for (const double limit : std::vector<double>{0, 1, -0.5})
    CHECK_THROWS_AS(IsolationForest("[[-1,1]]", 2, 8, limit), std::invalid_argument);
  std::string deep = "[[";
  for (int i = 0; i < 100000; ++i) deep += "0,1,";
  CHECK_THROWS_AS(IsolationForest(deep, 2, 8, 0.5), std::invalid_argument);
}

TEST_CASE("a forest reads back as it is written, and the contamination is the share beyond the limit") {
  const std::vector<double> values = rows(1000);
  IsolationForest::Training training;
  training.contamination = 0.05;
  const IsolationForest forest(values, 2, training, 3);
  const IsolationForest again(forest.text(), 2, forest.samples(), forest.limit());
  int beyond = 0;
  for (std::size_t at = 0; at < values.size(); at += 2) {
    const std::span<const double> row(values.data() + at, 2);
    CHECK(forest.score(row) == again.score(row));
    beyond += forest.score(row) > forest.limit() ? 1 : 0;
  }
  CHECK(beyond == 50);
  CHECK(forest.score(std::vector<double>{5, 5}) > 0.7);
  CHECK(forest.score(std::vector<double>{0, 0}) < 0.5);
}

TEST_CASE("equal rows make a forest all the same") {
  const std::vector<double> values(20, 4.0);
  const IsolationForest forest(values, 2, {}, 1);
  CHECK(near(forest.score(std::vector<double>{4, 4}), 0.5));
  CHECK(IsolationForest(std::vector<double>{1, 2}, 2, {}, 1).score(std::vector<double>{1, 2}) == 0.5);
}

TEST_CASE("a cut forest finds a point that is far off, and keeps its samples while points come and go") {
  CutForest forest;
  forest.begin(20, 64, Random("key", 1));
  Random random("points", 2);
  std::vector<float> point(4);
  const auto draw = [&] {
    for (float& each : point) each = static_cast<float>(random.uniform());
  };
  for (int i = 0; i < 3000; ++i) {
    draw();
    if (i % 7 == 0) point.assign(4, 0.25F);  // equal points share a leaf
    forest.draw();
    forest.add(point);
  }
  double usual = 0;
  for (int i = 0; i < 200; ++i) {
    draw();
    usual += forest.score(point) / 200;
  }
  point.assign(4, 9.0F);
  CHECK(forest.score(point) > 3 * usual);
  point.assign(4, 0.25F);
  CHECK(forest.score(point) < usual);
}

TEST_CASE("a tree from which all points are removed is empty") {
  CutTree tree;
  Random random("tree", 1);
  std::vector<std::vector<float>> points;
  for (std::uint32_t i = 0; i < 50; ++i) {
    points.push_back({static_cast<float>(random.uniform()), static_cast<float>(i % 5), 0, 0});
    tree.add(points.back(), i, 50, random);
    CHECK(tree.mass() == i + 1);
  }
  for (std::uint32_t i = 0; i < 50; ++i) {
    tree.remove(i);
    CHECK(tree.mass() == 49 - i);
  }
  tree.add(points[0], 0, 50, random);
  CHECK(tree.mass() == 1);
}

TEST_CASE("boxes shrink with the points that are removed") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CutTree tree;
    Random random("shrinking", seed);
    std::vector<std::vector<float>> points;
    for (std::uint32_t i = 0; i < 30; ++i) {
      // Few values, so that several points lie on one side of a box.
      for (auto& point = points.emplace_back(4); float& value : point) value = static_cast<float>(random.below(7));
      tree.add(points.back(), i, 30, random);
    }
    for (std::uint32_t i = 2; i < 30; ++i) tree.remove(i);
    if (points[0] == points[1]) continue;
    // A point beyond the first, away from the second, is outside of the box of both and of the first one's.
    float sides = 0, outside = 0;
    std::vector<float> beyond = points[0];
    for (std::size_t i = 0; i < 4; ++i) {
      const float side = points[0][i] - points[1][i];
      sides += std::fabs(side);
      if (side == 0) continue;
      beyond[i] += side > 0 ? 1.0F : -1.0F;
      outside += 1;
    }
    CutTree::Search search = tree.begin();
    while (tree.step(beyond, search)) continue;
    const double part = static_cast<double>(outside / (sides + outside));
    CHECK(near(tree.score(search), (part + (1 - part) / 2) * std::log2(3.0), 1e-6));
  }
}
