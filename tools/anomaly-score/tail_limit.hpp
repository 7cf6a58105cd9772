// A limit that a given share of values passes, learned from a stream.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "state/archive.hpp"

namespace weir::anomaly_score {

/// A generalised Pareto distribution over excesses.
struct Tail {
  double shape = 0;
  double scale = 0;
};

/// The likeliest tail for excesses greater than 0 (Grimshaw 1993: a search in one dimension). Without excesses: 0, 0.
Tail fit_tail(const std::vector<double>& excesses);

/// The limit of SPOT (Siffer et al., KDD 2017): values above a high quantile are peaks, their excesses have a Pareto
/// tail, and the limit is where that tail leaves a share of `rate` of all values.
class TailLimit {
 public:
  static constexpr std::size_t first_values = 500;
  static constexpr std::size_t most_peaks = 200;  ///< the last ones are held

  bool ready() const { return ready_; }
  double limit() const { return limit_; }
  /// Learns a value, which must be no alert.
  void learn(double value, double rate);
  void state(StateArchive& archive) {
    archive.values(held_, next_, count_, peaks_, base_, tail_, limit_, ready_);
  }

 private:
  void begin(double rate);
  void refit(double rate);
  void renew(double rate);
  std::vector<double> held_;  ///< the first values, then the excesses of the last peaks
  std::uint64_t next_ = 0;
  std::uint64_t count_ = 0;  ///< values learned
  std::uint64_t peaks_ = 0;  ///< of them
  double base_ = 0;          ///< what a peak is above
  Tail tail_;
  double limit_ = 0;
  bool ready_ = false;
};

}  // namespace weir::anomaly_score
