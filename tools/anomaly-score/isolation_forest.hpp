// An isolation forest, trained beforehand.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::anomaly_score {

/// The mean depth of an unsuccessful search in a tree of `count` values: c(n) of Liu and others (2008), as in
/// scikit-learn: 0 for 1, 1 for 2.
double mean_depth(std::uint64_t count);

/// The `share` quantile of values, interpolated between its neighbours as numpy.percentile. `values` must not be empty.
double quantile(std::vector<double> values, double share);

/// Trees of random cuts over rows of values, by scikit-learn's definitions.
class IsolationForest {
 public:
  struct Training {
    std::size_t trees = 100;
    std::size_t samples = 256;
    std::optional<double> contamination;  ///< none: the limit is 0.5
  };
  /// Trains on `rows` × `width` values, row by row, at least one row. The same rows and seed make the same forest.
  IsolationForest(std::span<const double> values, std::size_t width, const Training& training, std::uint64_t seed);

  /// Reads what text() wrote: throws std::invalid_argument when it is not a forest over `width` values.
  IsolationForest(std::string_view trees, std::size_t width, std::uint64_t samples, double limit);

  /// 2^(-mean depth / c(samples)): above 0.5 is easier to isolate than a usual row. scikit-learn's score_samples()
  /// returns its negative.
  double score(std::span<const double> row) const;
  /// The score above which a row is an anomaly: scikit-learn's -offset_.
  double limit() const { return limit_; }
  std::uint64_t samples() const { return samples_; }
  std::size_t tree_count() const { return roots_.size(); }
  /// The trees as JSON: a list for each, its nodes before their branches: a field's number and its cut, or -1 and the
  /// number of rows of a leaf.
  std::string text() const;

 private:
  struct Node {
    std::int32_t field = -1;  ///< -1: a leaf
    std::uint32_t right = 0;  ///< the left branch is the next node
    double value = 0;         ///< the cut, or the leaf's depth with c of its rows
    double rows = 0;
  };
  class Builder;
  class Reader;
  std::size_t width_;
  std::uint64_t samples_ = 0;
  double limit_ = 0.5;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> roots_;
};

}  // namespace weir::anomaly_score
