// A stage's part in checkpoints, the same for sources, filters and sinks.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/app.hpp"
#include "pipeline/options.hpp"
#include "pipeline/writer.hpp"
#include "record/control.hpp"
#include "state/snapshot.hpp"
#include "state/stage_folder.hpp"

namespace weir {

/// Does the work; saved state that cannot be used ends the run with its own exit status.
template <typename Work>
auto guarded(Work work) {
  try {
    return work();
  } catch (const state::Unusable& problem) {
    throw cli::StateError(problem.what());
  } catch (const SnapshotError& problem) {
    throw cli::StateError(problem.what());
  }
}

/// Keeps a stage's snapshots and the bytes of its side files, epoch by epoch. All calls throw cli::StateError where
/// saved state cannot be used, and std::system_error.
class Checkpoint {
 public:
  /// `schema` is the version of what the stage's snapshots hold. `sides` must outlive this; one that has no path gets
  /// that of `default_side` in the stage's folder when there is one. Throws cli::UsageError for a name that is none.
  Checkpoint(const StateOptions& options, const cli::Context& context, std::uint32_t schema);

  /// Makes the files' bytes belong to epochs; they must outlive this. `rejects` gets a file in the stage's folder where
  /// it has none.
  void keep(SideFile& rejects, std::vector<SideFile>* sides);

  const std::string& folder() const { return stage_->path(); }
  const std::string& pipe() const { return pipe_; }

  /// Becomes the stage's owner for a run. Throws cli::UsageError when the same stage stands twice in the line, and
  /// std::runtime_error when another run does not let go within 10 seconds.
  void take(std::string_view run);
  const std::string& run() const { return run_; }

  /// Takes up the state of an epoch; at 0 there is none.
  void restore(std::uint64_t epoch, const std::function<void(SnapshotReader&)>& stage);
  /// The last epoch taken up or saved.
  std::uint64_t epoch() const { return epoch_; }
  /// Makes the state of the next epoch durable. `place`: state::EpochFile.
  void save(const std::function<void(SnapshotWriter&)>& stage, std::string_view place = {});
  /// For how long the stage stood still for the last save().
  std::chrono::milliseconds took() const { return took_; }
  /// Appends the barrier that is passed on: it adds the time that this stage stood still.
  void pass_barrier(const Control& control, std::string& out) const {
    append_barrier(out, control.epoch, control.final ? Barrier::final : Barrier::middle, control.took + took_);
  }
  /// Asks the source, once, to end the epoch when much of it is in memory: `held` bytes in the stage, and what is for
  /// its side files.
  void look_at_memory(std::uint64_t held);
  /// Makes the state of the last epoch durable again, with these lines for the rejects besides those that it had.
  void amend(std::string_view rejects, const std::function<void(SnapshotWriter&)>& stage);
  /// The greatest epoch that was saved; 0 when none.
  std::uint64_t last_saved() const;

  /// What the sink has committed comes into the side files, and snapshots that nobody can need any more are removed.
  void tidy(std::uint64_t committed);
  /// As tidy(), of what the sink says.
  void tidy() { tidy(run_folder_.committed()); }
  /// After the last epoch: when side files want it, waits for its commit a moment, but not once the reader of the
  /// descriptor `output`, which must still be open, is gone.
  void tidy_at_end(int output);

  const state::RunFolder& run_folder() const { return run_folder_; }

 private:
  void for_each_side(const std::function<void(SideFile&)>& call) const;

  std::string tool_;
  std::string id_;
  std::string pipe_;
  std::string run_;
  std::unique_ptr<state::StageFolder> stage_;
  state::RunFolder run_folder_;
  SideFile* rejects_ = nullptr;
  std::vector<SideFile>* sides_ = nullptr;
  std::uint64_t epoch_ = 0;
  std::chrono::milliseconds took_{};
  bool asked_ = false;
};

}  // namespace weir
