#include "cut_forest.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace weir::anomaly_score {
namespace {

/// A full sample takes one point in ten, so that it forgets in some ten times its size.
constexpr double least_taken = 0.1;
constexpr double least_range = 1e-300;  ///< of a box: what 0 is divided by
constexpr double least_left = 0.005;    ///< of a score: what is below it is not looked for

}  // namespace

void CutTree::set_width(std::size_t width) {
  width_ = width;
  lines_of_node_ = (2 * width * sizeof(float) + sizeof(Node) + sizeof(Line) - 1) / sizeof(Line);
}

/// Saves nodes and boxes one behind the other.
void CutTree::state(StateArchive& archive) {
  std::vector<Node> nodes;
  std::vector<float> boxes;
  if (archive.saving()) {
    for (std::uint32_t node = 0; node < this->nodes(); ++node) {
      nodes.push_back(at(node));
      boxes.insert(boxes.end(), low(node), low(node) + 2 * width_);
    }
  }
  archive.values(root_, free_, nodes, boxes, leaves_);
  if (archive.saving() || nodes.empty()) return;
  set_width(boxes.size() / nodes.size() / 2);
  lines_.resize(nodes.size() * lines_of_node_);
  for (std::uint32_t node = 0; node < nodes.size(); ++node) {
    std::copy_n(boxes.begin() + static_cast<std::ptrdiff_t>(node * 2 * width_), 2 * width_, box(node));
    at(node) = nodes[node];
  }
}

std::uint32_t CutTree::make() {
  if (!free_.empty()) {
    const std::uint32_t node = free_.back();
    free_.pop_back();
    at(node) = {};
    return node;
  }
  lines_.resize(lines_.size() + lines_of_node_);
  const std::uint32_t node = nodes() - 1;
  at(node) = {};
  return node;
}

void CutTree::measure(std::uint32_t node) {
  const float* const from = low(node);
  float sum = 0;
  for (std::size_t i = 0; i < width_; ++i) sum += from[width_ + i] - from[i];
  at(node).range = sum;
}

void CutTree::replace_child(std::uint32_t parent, std::uint32_t child, std::uint32_t by) {
  at(by).parent = parent;
  if (parent == none)
    root_ = by;
  else
    (at(parent).left == child ? at(parent).left : at(parent).right) = by;
}

/// Cuts the box of a node and the point by chance. True when the cut is between the two.
bool CutTree::separate(std::uint32_t node, std::span<const float> point, Random& random, std::uint32_t& dimension,
                       float& cut) const {
  const std::size_t width = point.size();
  const float* const from = low(node);
  const float* const to = high(node);
  double sum = 0;
  for (std::size_t i = 0; i < width; ++i)
    sum += static_cast<double>(std::max(to[i], point[i])) - static_cast<double>(std::min(from[i], point[i]));
  double place = random.uniform() * sum;
  for (std::size_t i = 0; i < width; ++i) {
    const double least = std::min(from[i], point[i]);
    const double range = static_cast<double>(std::max(to[i], point[i])) - least;
    if (place < range) {
      dimension = static_cast<std::uint32_t>(i);
      cut = static_cast<float>(least + place);
      return (point[i] <= cut && cut < from[i]) || (to[i] <= cut && cut < point[i]);
    }
    place -= range;
  }
  return false;
}

void CutTree::add(std::span<const float> point, std::uint32_t slot, std::size_t samples, Random& random) {
  if (leaves_.empty()) {
    set_width(point.size());
    leaves_.resize(samples, none);
  }
  const std::size_t width = width_;
  std::uint32_t node = root_;
  while (node != none && is_leaf(node) && std::equal(point.begin(), point.end(), low(node))) {
    leaves_[slot] = node;
    for (; node != none; node = at(node).parent) ++at(node).mass;
    return;
  }
  std::uint32_t dimension = 0;
  float cut = 0;
  while (node != none && !separate(node, point, random, dimension, cut)) {
    if (is_leaf(node)) {
      if (std::equal(point.begin(), point.end(), low(node))) {
        leaves_[slot] = node;
        ++at(node).mass;
        return;
      }
      // Rounding left no cut by chance: the widest dimension is cut at the lower of the two.
      const float* const other = low(node);
      for (std::size_t i = 0; i < width; ++i)
        if (std::fabs(point[i] - other[i]) >= std::fabs(point[dimension] - other[dimension]))
          dimension = static_cast<std::uint32_t>(i);
      cut = std::min(point[dimension], other[dimension]);
      break;
    }
    ++at(node).mass;
    float* const box_of = box(node);
    for (std::size_t i = 0; i < width; ++i) {
      box_of[i] = std::min(box_of[i], point[i]);
      box_of[width + i] = std::max(box_of[width + i], point[i]);
    }
    measure(node);
    node = point[at(node).dimension] <= at(node).cut ? at(node).left : at(node).right;
  }
  const std::uint32_t leaf = make();
  at(leaf).mass = 1;
  std::copy(point.begin(), point.end(), box(leaf));
  std::copy(point.begin(), point.end(), box(leaf) + width);
  leaves_[slot] = leaf;
  if (node == none) {
    root_ = leaf;
    return;
  }
  const std::uint32_t branch = make();
  replace_child(at(node).parent, node, branch);
  const bool left = point[dimension] <= cut;
  Node& made = at(branch);
  made.left = left ? leaf : node;
  made.right = left ? node : leaf;
  made.dimension = dimension;
  made.cut = cut;
  made.mass = at(node).mass + 1;
  at(node).parent = at(leaf).parent = branch;
  for (std::size_t i = 0; i < width; ++i) {
    box(branch)[i] = std::min(low(node)[i], point[i]);
    box(branch)[width + i] = std::max(high(node)[i], point[i]);
  }
  measure(branch);
}

/// True when the point has a value that is the least or the greatest of the node's box.
bool CutTree::on_a_side(std::uint32_t node, std::span<const float> point) const {
  const float* const from = low(node);
  for (std::size_t i = 0; i < point.size(); ++i)
    if (point[i] <= from[i] || point[i] >= from[width_ + i]) return true;
  return false;
}

void CutTree::remove(std::uint32_t slot) {
  const std::uint32_t leaf = leaves_[slot];
  leaves_[slot] = none;
  std::uint32_t node = leaf;
  bool shrinks = false;
  if (at(leaf).mass == 1) {
    const std::uint32_t parent = at(leaf).parent;
    free_.push_back(leaf);
    if (parent == none) {
      root_ = none;
      return;
    }
    const std::uint32_t sibling = at(parent).left == leaf ? at(parent).right : at(parent).left;
    node = at(parent).parent;
    replace_child(node, parent, sibling);
    free_.push_back(parent);
    shrinks = true;
  }
  const std::span<const float> point(low(leaf), width_);
  for (; node != none; node = at(node).parent) {
    --at(node).mass;
    // The boxes above one that the point lies within lose nothing by it either, and its children need not be read.
    shrinks = shrinks && on_a_side(node, point);
    if (!shrinks) continue;
    const std::uint32_t left = at(node).left, right = at(node).right;
    float* const box_of = box(node);
    for (std::size_t i = 0; i < width_; ++i) {
      box_of[i] = std::min(low(left)[i], low(right)[i]);
      box_of[width_ + i] = std::max(high(left)[i], high(right)[i]);
    }
    measure(node);
  }
}

/// Goes one node down. No value decides about a jump but the end: which way is taken cannot be foretold.
inline bool CutTree::step(std::span<const float> point, Search& search) const {
  const std::size_t width = point.size();
  const Node& node = at(search.node);
  const float* const from = low(search.node);
  const float* const to = from + width;
  std::array<float, lanes> beyond{};
  for (std::size_t i = 0; i < width; i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const float below = from[i + lane] - point[i + lane];
      const float above = point[i + lane] - to[i + lane];
      const float more = below > above ? below : above;
      beyond[lane] += more > 0 ? more : 0;
    }
  }
  const double outside = static_cast<double>((beyond[0] + beyond[1]) + (beyond[2] + beyond[3]));
  const double part = outside / std::max(static_cast<double>(node.range) + outside, least_range);
  search.sum += search.left_over * part / (search.depth + 1);
  search.left_over *= 1 - part;
  if (search.left_over < least_left || node.left == none) return false;
  const auto to_left = static_cast<std::uint32_t>(point[node.dimension] <= node.cut);
  search.node = node.right ^ ((node.left ^ node.right) & (0U - to_left));
  search.depth += 1;
  fetch(search.node);
  return true;
}

std::uint32_t CutTree::fetch_leaf(std::uint32_t slot) const {
  fetch(leaves_[slot]);
  return leaves_[slot];
}

std::uint32_t CutTree::fetch_above(std::uint32_t node) const {
  const std::uint32_t left = at(node).left;
  if (left != none) {
    fetch(left);
    fetch(at(node).right);
  }
  const std::uint32_t parent = at(node).parent;
  if (parent == none) return node;
  fetch(parent);
  return parent;
}

double CutTree::score(const Search& search) const {
  const auto all = static_cast<double>(mass());
  double sum = search.sum;
  if (search.left_over >= least_left) {
    const double own = at(search.node).mass;
    sum += search.left_over * (1 - own / (2 * all)) / (search.depth + std::log2(own + 1));
  }
  return sum * std::log2(all + 1);
}

void CutForest::begin(std::size_t trees, std::size_t samples, Random random) {
  trees_.resize(trees);
  samples_ = samples;
  random_ = random;
}

/// All trees a step at a time, so that what one waits for from memory the others need not wait for.
double CutForest::score(std::span<const float> point) {
  searches_.clear();
  for (const CutTree& tree : trees_) searches_.push_back(tree.begin());
  double sum = 0;
  unsearched_.resize(trees_.size());
  std::iota(unsearched_.begin(), unsearched_.end(), std::uint32_t{0});
  while (!unsearched_.empty()) {
    std::size_t kept = 0;
    for (const std::uint32_t tree : unsearched_)
      if (trees_[tree].step(point, searches_[tree])) unsearched_[kept++] = tree;
    unsearched_.resize(kept);
    for (Exchange& each : exchanges_) each.node = trees_[each.tree].fetch_above(each.node);
  }
  for (std::size_t i = 0; i < trees_.size(); ++i) sum += trees_[i].score(searches_[i]);
  return sum / static_cast<double>(trees_.size());
}

void CutForest::draw() {
  exchanges_.clear();
  if (count_ < samples_) return;
  const double taken = std::max(static_cast<double>(samples_) / static_cast<double>(count_ + 1), least_taken);
  for (std::uint32_t tree = 0; tree < trees_.size(); ++tree) {
    if (random_.uniform() >= taken) continue;
    const auto slot = static_cast<std::uint32_t>(random_.below(samples_));
    exchanges_.push_back({tree, slot, trees_[tree].fetch_leaf(slot)});
  }
}

void CutForest::add(std::span<const float> point) {
  const auto number = static_cast<std::uint32_t>(count_);
  if (++count_ <= samples_) {
    for (CutTree& tree : trees_) tree.add(point, number, samples_, random_);
    return;
  }
  for (const Exchange& each : exchanges_) {
    trees_[each.tree].remove(each.slot);
    trees_[each.tree].add(point, each.slot, samples_, random_);
  }
  exchanges_.clear();
}

}  // namespace weir::anomaly_score
