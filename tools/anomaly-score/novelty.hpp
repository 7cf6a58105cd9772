// How far the last values of a series are from any earlier run of values.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "plan.hpp"
#include "state/archive.hpp"

namespace weir::anomaly_score {

/// Holds the last runs of values of a series. The distance of two runs is half their mean absolute difference and half
/// their greatest one.
class Novelty {
 public:
  /// What a value came to.
  struct Result {
    bool known = false;   ///< enough values came before it
    bool compared = false;  ///< there is an earlier run
    double strength = 0;  ///< the distance to the nearest earlier run, relative to the usual one
    double distance = 0;
    double usual = 0;     ///< the usual distance
    double expected = 0;  ///< the last value of the nearest earlier run
  };

  /// Adds a value and compares the run that ends with it.
  Result add(const Plan& plan, double value);
  /// Learns what the last value came to.
  void learn(const Plan& plan, const Result& result);
  /// No run reaches across a gap.
  void clear() { recent_size_ = 0; }

  void state(StateArchive& archive) {
    archive.values(origin_, low_, high_, seen_, distances_, mean_, runs_, run_count_, next_run_, recent_, recent_at_,
                   recent_size_);
  }

 private:
  void widen(const Plan& plan, double value);
  void remember(const Plan& plan);
  double nearest(const Plan& plan, double& last) const;
  float recent(std::size_t back) const { return recent_[(recent_at_ + recent_.size() - back) % recent_.size()]; }

  double origin_ = 0;  ///< the first value: runs are held as differences from it
  double low_ = 0;
  double high_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t distances_ = 0;
  double mean_ = 0;           ///< of the distances so far
  std::vector<float> runs_;   ///< in blocks of `lanes` runs: their first values, their second values …
  std::uint64_t run_count_ = 0;
  std::uint64_t next_run_ = 0;
  std::vector<float> recent_;  ///< a ring of the last two runs' values
  std::uint64_t recent_at_ = 0;
  std::uint64_t recent_size_ = 0;
  mutable std::vector<float> run_;  ///< scratch
};

}  // namespace weir::anomaly_score
