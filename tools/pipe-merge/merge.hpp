// Several inputs into one stream.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "merge_epochs.hpp"
#include "merge_input.hpp"
#include "merged_stream.hpp"
#include "pipeline/metrics_file.hpp"

namespace weir::pipe_merge {

struct MergeSettings {
  std::vector<std::string> inputs;   ///< paths
  std::vector<std::string> dropped;  ///< names of inputs that an earlier run had and this one need not have
};

/// Reads lines from all inputs as they come and writes them. With checkpoints MergeEpochs holds inputs at their
/// barriers.
class Merge {
 public:
  Merge(const MergeSettings& settings, const InputOptions& input, cli::Context& context);

  cli::Exit run();

 private:
  using clock = std::chrono::steady_clock;

  bool goes_on();
  bool read_some(WaitLimit limit);
  void take_end_of_file(MergeInput& input);
  WaitLimit wait_limit() const;
  bool past_stop_limit();
  void write_metrics();

  Rejects rejects_;
  MetricsFile metrics_;
  MergedStream stream_;
  std::deque<MergeInput> inputs_;
  std::optional<MergeEpochs> epochs_;  ///< with --state
  std::size_t first_ = 0;              ///< the input that is read first, for fairness
  clock::time_point stop_deadline_ = clock::time_point::max();
};

}  // namespace weir::pipe_merge
