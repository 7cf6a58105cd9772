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
#include "pipeline/held_limit.hpp"
#include "pipeline/options.hpp"
#include "pipeline/side_file.hpp"
#include "record/control.hpp"
#include "state/snapshot.hpp"
#include "state/stage_folder.hpp"

namespace weir {

/// Runs `work`; saved state that cannot be used becomes a cli::StateError.
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
  /// `schema` is the version of the stage's snapshots. Throws cli::UsageError where the stage or the pipeline has no
  /// valid name.
  Checkpoint(const StateOptions& options, const cli::Context& context, std::uint32_t schema);

  /// Makes the files' bytes belong to epochs; the files must outlive this, `sides` may be null. `rejects` gets a file
  /// in the stage's folder where none is named.
  void keep(SideFile& rejects, std::vector<SideFile>* sides);

  const std::string& folder() const { return stage_->path(); }
  const std::string& pipe() const { return pipe_; }

  /// Takes the stage's lock for a run. Throws cli::UsageError where the pipeline has the same stage twice, and
  /// std::runtime_error where another run holds the lock for 10 seconds.
  void take(std::string_view run);
  const std::string& run() const { return run_; }

  /// Whether that epoch's state is to be made again from the source, because all of it is lost (pipe-run --rebuild).
  bool rebuilds(std::uint64_t epoch) const;
  /// Restores the state of an epoch; epoch 0 has none, nor has one that is made again.
  void restore(std::uint64_t epoch, const std::function<void(SnapshotReader&)>& stage);
  /// At epoch 0, where nothing is committed: reads where the first run began. False where that is not known, or the
  /// options have changed since: then the stage begins anew and calls save_start().
  bool restore_start(const std::function<void(SnapshotReader&)>& stage);
  void save_start(const std::function<void(SnapshotWriter&)>& stage);
  /// The last epoch restored or saved.
  std::uint64_t epoch() const { return epoch_; }
  /// Makes the state of the next epoch durable. `position`: state::EpochFile.
  void save(const std::function<void(SnapshotWriter&)>& stage, std::string_view position = {});
  /// How long the stage stood still for the last save().
  std::chrono::milliseconds took() const { return took_; }
  /// Appends the barrier that is passed on: it adds the time that this stage stood still.
  void pass_barrier(const Control& control, std::string& out) const {
    append_barrier(out, control.epoch, control.final ? Barrier::final : Barrier::middle, control.took + took_);
  }
  /// Asks the source, once, to end the epoch when much of it is in memory: `held` bytes in the stage, and the bytes of
  /// its side files, are `most`.
  void look_at_memory(std::uint64_t held, std::uint64_t most = usual_most_held);
  /// Asks the source, once, to end the epoch as soon as it may: lines that were waited for are in it.
  void ask_for_early_end();
  /// Makes the state of the last epoch durable again, with `rejects` added to the lines of the rejects.
  void amend(std::string_view rejects, const std::function<void(SnapshotWriter&)>& stage);
  /// The greatest epoch that has a snapshot; 0 where there is none.
  std::uint64_t last_saved() const;

  /// Writes what the sink has committed to the side files, and removes snapshots that no run can need.
  void tidy(std::uint64_t committed);
  /// As above, up to the epoch that the sink has committed.
  void tidy() { tidy(run_folder_.committed()); }
  /// Whether side files wait for a commit: then tidy() is due while the input pauses, too.
  bool awaits_commit() const;
  /// After the final barrier: waits for its commit where side files need it, as await_last_commit(). `output` must
  /// still be open.
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
  bool asked_early_ = false;
};

}  // namespace weir
