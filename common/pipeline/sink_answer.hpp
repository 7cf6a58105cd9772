// Waiting for the sink of a pipeline with checkpoints, which answers in the pipeline's folder.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "pipeline/wait.hpp"
#include "state/stage_folder.hpp"

namespace weir {

/// The sink's answer to a new run: the epoch that all stages restore.
class SinkAnswer {
 public:
  /// The time that a sink has to acknowledge the run; after that it may take as long as its store takes.
  static constexpr std::chrono::seconds limit{15};

  /// Both must outlive this. The time runs from now on.
  SinkAnswer(const state::RunFolder& folder, const std::string& run, std::chrono::milliseconds time = limit)
      : folder_(folder), run_(run), deadline_(std::chrono::steady_clock::now() + time) {}

  /// The epoch, once the sink has answered; ask again after pause(). Throws cli::UsageError where no sink acknowledges
  /// the run in time.
  std::optional<std::uint64_t> epoch();
  /// How long to wait before the next epoch(): it grows from 1 ms to 20 ms.
  WaitLimit pause() const { return pause_; }

 private:
  const state::RunFolder& folder_;
  const std::string& run_;
  std::chrono::steady_clock::time_point deadline_;
  WaitLimit pause_{1};
};

/// Calls `is_committed` several times a second after the final barrier until it returns true, the reader of `output` is
/// gone (it has committed, or never will), or last_commit_deadline() has passed.
void await_last_commit(int output, const std::function<bool()>& is_committed);

}  // namespace weir
