// A random cut forest that learns as points come.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "state/archive.hpp"
#include "state/random.hpp"

namespace weir::anomaly_score {

/// One tree of random cuts over a sample of points (Guha and others, ICML 2016). A cut is in a dimension by the share
/// of its range, so adding and removing points gives the trees that cutting the sample anew would give.
class CutTree {
 public:
  /// The number of a point's values is a multiple of this; what is over is 0 in all of them.
  static constexpr std::size_t lanes = 4;
  /// Adds a point, as the sample's number `slot`, which must be free.
  void add(std::span<const float> point, std::uint32_t slot, std::size_t samples, Random& random);
  void remove(std::uint32_t slot);
  /// A look-up under way: of how far up, on average, a point would be cut off.
  struct Search {
    std::uint32_t node = 0;
    double sum = 0;        ///< so far, of 1 / (depth + 1)
    double left_over = 1;  ///< the probability that it is not cut off yet
    double depth = 0;
  };
  Search begin() const {
    Search search;
    search.node = root_;
    return search;
  }
  /// The leaf of a point, which is fetched into the cache.
  std::uint32_t fetch_leaf(std::uint32_t slot) const;
  /// The node above, which is fetched with both below; the topmost one, of itself.
  std::uint32_t fetch_above(std::uint32_t node) const;
  /// Goes one node down. False: that was the last.
  bool step(std::span<const float> point, Search& search) const;
  /// The sum of a search by log2 of the points: some 1 for points like the others.
  double score(const Search& search) const;
  std::uint64_t mass() const { return root_ == none ? 0 : at(root_).mass; }

  void state(StateArchive& archive);

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  struct Node {
    std::uint32_t parent = none;
    std::uint32_t left = none;  ///< none: a leaf
    std::uint32_t right = none;
    std::uint32_t dimension = 0;
    float cut = 0;
    std::uint32_t mass = 0;
    float range = 0;  ///< the sum of its box's sides
  };
  /// A line of the processor's cache. A node begins one with its least values, then its greatest, then itself: for up
  /// to four values a look at it is one read from memory.
  struct alignas(64) Line {
    std::array<std::byte, 64> bytes;
  };
  const float* low(std::uint32_t node) const {
    return reinterpret_cast<const float*>(lines_.data() + std::size_t{node} * lines_of_node_);
  }
  const float* high(std::uint32_t node) const { return low(node) + width_; }
  float* box(std::uint32_t node) { return const_cast<float*>(low(node)); }
  const Node& at(std::uint32_t node) const { return *reinterpret_cast<const Node*>(low(node) + 2 * width_); }
  Node& at(std::uint32_t node) { return *reinterpret_cast<Node*>(box(node) + 2 * width_); }
  bool is_leaf(std::uint32_t node) const { return at(node).left == none; }
  std::uint32_t nodes() const { return static_cast<std::uint32_t>(lines_.size() / lines_of_node_); }
  /// Inlined always: GCC takes a function that only fetches for one without effect, and drops calls of it.
  [[gnu::always_inline]] void fetch(std::uint32_t node) const {
    __builtin_prefetch(low(node));
    if (lines_of_node_ > 1) __builtin_prefetch(low(node) + sizeof(Line) / sizeof(float));
  }
  void set_width(std::size_t width);
  void measure(std::uint32_t node);
  std::uint32_t make();
  void replace_child(std::uint32_t parent, std::uint32_t child, std::uint32_t by);
  bool separate(std::uint32_t node, std::span<const float> point, Random& random, std::uint32_t& dimension,
                float& cut) const;
  bool on_a_side(std::uint32_t node, std::span<const float> point) const;

  std::size_t width_ = 0;  ///< values of a point
  std::size_t lines_of_node_ = 1;
  std::uint32_t root_ = none;
  std::vector<std::uint32_t> free_;
  std::vector<Line> lines_;
  std::vector<std::uint32_t> leaves_;  ///< of each slot
};

/// Trees, each over a sample of its own, which forgets.
class CutForest {
 public:
  void begin(std::size_t trees, std::size_t samples, Random random);
  bool begun() const { return !trees_.empty(); }
  /// How many points were added.
  std::uint64_t count() const { return count_; }
  /// Draws which trees take the next point, and which one each forgets for it. Comes once before its score() and add():
  /// what add() will need is read from memory while score() waits for its own.
  void draw();
  /// The mean of the trees' scores; there must be a point.
  double score(std::span<const float> point);
  void add(std::span<const float> point);
  void state(StateArchive& archive) { archive.values(trees_, samples_, count_, random_); }

 private:
  struct Exchange {
    std::uint32_t tree = 0;
    std::uint32_t slot = 0;  ///< of the point that is forgotten
    std::uint32_t node = 0;  ///< up to which the way from its leaf is in the cache
  };
  std::vector<CutTree> trees_;
  std::uint64_t samples_ = 0;
  std::uint64_t count_ = 0;
  Random random_;
  std::vector<CutTree::Search> searches_;  ///< scratch
  std::vector<std::uint32_t> unsearched_;  ///< scratch: trees
  std::vector<Exchange> exchanges_;        ///< drawn for the next point of a full sample
};

}  // namespace weir::anomaly_score
