// The epochs of a merge.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "merge_input.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/sink_answer.hpp"

namespace weir::pipe_merge {

/// The run of the whole: the sink of each input's run and the source of what follows. An epoch of the whole ends where
/// each input is at a barrier or has sent nothing since its last.
class MergeEpochs {
 public:
  /// `dropped` names inputs that an earlier run had and this one need not have. The references must outlive this.
  MergeEpochs(const StateOptions& options, const cli::Context& context, std::vector<std::string> dropped,
              std::deque<MergeInput>& inputs, MergedStream& stream);

  /// Becomes the owner of the state folder. Throws as Checkpoint::take().
  void take();
  /// Moves the run on as far as the inputs and the sink allow.
  void advance();
  /// All inputs have restored their state, so that records come.
  bool is_running() const { return phase_ == Phase::running; }
  /// The final barrier has been written.
  bool is_over() const { return phase_ == Phase::over; }
  /// How long advance() may wait for news of the sink.
  WaitLimit limit() const;
  /// After the final barrier: waits until the inputs know of its commit, and writes side files.
  void finish();

 private:
  using clock = std::chrono::steady_clock;
  enum class Phase : std::uint8_t {
    gathering,  ///< not all inputs have begun
    asking,     ///< the sink has not answered
    restoring,  ///< not all inputs have restored their state
    running,
    over
  };
  /// An epoch of the whole and the epoch of each input then.
  struct Epoch {
    std::uint64_t number;
    std::vector<std::uint64_t> inputs;
  };

  template <typename Is>
  bool all(Is is) const;
  void begin();
  void check_names() const;
  void restore(std::uint64_t epoch);
  void load(SnapshotReader& from);
  void save(SnapshotWriter& to);
  void start_running();
  bool align();
  void end_inputs();
  void release_all();
  void note_committed();

  std::vector<std::string> dropped_;
  std::deque<MergeInput>& inputs_;
  MergedStream& stream_;
  std::string root_;
  Checkpoint checkpoint_;
  std::optional<SinkAnswer> answer_;
  Phase phase_ = Phase::gathering;
  std::deque<Epoch> uncommitted_;
  clock::time_point next_look_{};
};

}  // namespace weir::pipe_merge
