// The folder of one stage's state, and the files by which the stages of a pipeline tell each other of epochs.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/atomic_file.hpp"
#include "state/epoch_file.hpp"
#include "state/lock_file.hpp"

namespace weir::state {

/// Whether a text may name a stage: `[a-z0-9_-]{1,64}`.
bool is_stage_id(std::string_view text);

/// The epochs whose snapshots are in a stage's folder, ascending.
std::vector<std::uint64_t> epochs_in(const std::string& folder);

/// The epochs whose attachments are there (state/attachment.hpp), ascending.
std::vector<std::uint64_t> attachments_in(const std::string& folder);

/// DIR/<stage>: the lock and the epoch files of one stage. It is made with mode 0700.
class StageFolder {
 public:
  /// `root` is the pipeline's folder. Makes both folders where they are not there. Throws std::system_error.
  StageFolder(const std::string& root, const std::string& id, Origin origin);

  const std::string& path() const { return path_; }

  enum class Taken : std::uint8_t { yes, no, twin };
  /// Takes the lock for a run, waiting `limit` at most, and removes attachments without a snapshot, which a killed
  /// run has left. `twin` when this run holds it already: the same stage is twice in the pipeline. Throws
  /// std::system_error.
  Taken take(std::string_view run, std::chrono::milliseconds limit);

  /// Makes the state of an epoch durable. `position`: EpochFile.
  void write(std::uint64_t epoch, const Fill& fill, std::string_view position = {}) const;
  /// The state of an epoch. Throws Unusable when it is not there or must not be used; `noted_as` is RunFolder's.
  EpochFile read(std::uint64_t epoch, const std::string& noted_as = {}) const;
  /// Makes durable where the first run began: what a source restores as long as no epoch is committed.
  void write_start(const Fill& fill) const;
  /// The state of write_start(); nothing when it is not there or was written with other options. Throws as read().
  std::optional<EpochFile> read_start() const;
  /// The epochs that are there, ascending.
  std::vector<std::uint64_t> epochs() const { return epochs_in(path_); }
  /// Removes the files of epochs before `first` or after `last`, and attachments before `first_attached`.
  void keep(std::uint64_t first, std::uint64_t last, std::uint64_t first_attached = 0) const;

 private:
  std::string file_of(std::uint64_t epoch) const;
  void drop_attachments(const std::function<bool(std::uint64_t)>& needed) const;
  std::string path_;
  Origin origin_;
  std::optional<LockFile> lock_;
};

/// DIR/commit, DIR/resume, DIR/noted-as, DIR/rebuilt, DIR/pace, DIR/enough and DIR/early: what the stages tell each
/// other.
class RunFolder {
 public:
  explicit RunFolder(std::string root) : root_(std::move(root)) {}

  /// The name of the pipeline where none is given: the folder's last part, and its generation.
  static std::string default_name(const std::string& root);
  /// `.N` after the N-th `pipe-run --reset`, so that the sink begins anew; else empty.
  static std::string generation(const std::string& root);

  /// The last epoch that the sink has committed, or an earlier one; 0 when none.
  std::uint64_t committed() const;
  /// After a loss of power a file that was not durable may hold an earlier epoch.
  void write_committed(std::uint64_t epoch, Durable durable) const;

  /// What the sink calls that by which its store knows the last epoch, such as "row in weir_epoch"; empty: unknown. For
  /// messages, not durable.
  std::string noted_as() const;
  void write_noted_as(const std::string& name) const;

  /// How long the stages together stood still for the last committed epoch; 0 when not long. A hint, not durable.
  std::chrono::milliseconds pace() const;
  void write_pace(std::chrono::milliseconds took) const;

  /// Asks the source to end the epoch, because a stage has much of it in memory. A hint, not durable.
  void ask_for_barrier() const;
  bool barrier_asked_for() const;
  /// Asks the source to end that epoch as soon as it may, for others to see what is in it. A hint, not durable.
  void ask_for_early_end(std::uint64_t epoch) const;
  /// The epoch whose early end was last asked for; 0 when none.
  std::uint64_t early_end() const;
  /// Withdraws both requests.
  void withdraw_asking() const;

  /// Of a state that was lost and is being made again (pipe-run --rebuild): the time up to which the sink's store was
  /// final when that began, as text; empty where it is not known. Nothing: the state was never lost.
  std::optional<std::string> rebuilt() const;
  void write_rebuilt(const std::string& final_until) const;

  /// The sink's answer to a run.
  struct Resume {
    bool heard = false;                  ///< the sink has seen the run, and may be waiting for its store
    std::optional<std::uint64_t> epoch;  ///< to restore
  };
  Resume resume(std::string_view run) const;
  /// The run that was last told what to restore; empty when none was.
  std::string last_resumed() const;
  /// Writes DIR/resume/RUN: the epoch to restore, or only that the sink has seen the run. Removes earlier runs' files.
  void write_resume(std::string_view run, std::optional<std::uint64_t> epoch) const;

 private:
  std::string root_;
};

/// 128 random bits as 32 hexadecimal digits: the name of a run.
std::string new_run();

}  // namespace weir::state
