// Quantiles of a stream of numbers.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "state/archive.hpp"
#include "window/exact_limit.hpp"

namespace weir {

/// The quantiles of a stream. A few numbers are kept exactly, more of them as a sketch: DDSketch (C. Masson, J. E. Rim,
/// H. K. Lee, "DDSketch: A fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019), with
/// unlimited bins. The result is the same, to the bit, for any order and any merging of the numbers.
class Quantiles {
 public:
  /// Beyond exact_limit numbers, each of the two numbers around a quantile is off by at most this fraction.
  static constexpr double relative_error = 0.005;

  /// `x` must be finite.
  void add(double x);
  void merge(const Quantiles& other);

  /// The quantile (0 to 1), interpolated between the two nearest numbers; NaN without numbers. This is definition 7 of
  /// R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996), as
  /// percentile_cont in SQL.
  double at(double quantile) const;

  /// What another process can merge: the numbers while exact, else what add_sketch() takes. Each list is in order.
  struct Sketch {
    std::vector<double> values;  ///< while exact
    double count = 0;            ///< of a sketch, as the next three
    double zeros = 0;
    double least = 0;
    double greatest = 0;
    std::vector<double> positive;  ///< the first bin, then the counts of the bins from there
    std::vector<double> negative;
  };
  Sketch sketch() const;
  /// Merges a sketch of a foreign source. Returns false, and changes nothing, where it cannot be one.
  bool merge(const Sketch& sketch);

  std::uint64_t count() const { return count_; }
  bool exact() const { return count_ <= exact_limit; }

  void state(StateArchive& archive) {
    archive.values(count_, values_, sorted_, zeros_, positive_, negative_, least_, greatest_);
  }

 private:
  /// The counts of a run of neighbouring bins.
  struct Bins {
    std::int32_t first = 0;
    std::vector<std::uint64_t> counts;
    void state(StateArchive& archive) { archive.values(first, counts); }
    void add(std::int32_t bin, std::uint64_t times);
    void merge(const Bins& other);
    std::vector<double> list() const;
    std::optional<std::uint64_t> take(const std::vector<double>& list);
  };

  void add_to_bins(double x);
  void leave_exact();
  double ranked(std::uint64_t rank) const;

  std::uint64_t count_ = 0;
  mutable std::vector<double> values_;  ///< while exact; sorted when asked
  mutable bool sorted_ = true;
  std::uint64_t zeros_ = 0;
  Bins positive_;
  Bins negative_;  ///< by magnitude
  double least_ = 0;
  double greatest_ = 0;
};

}  // namespace weir
